package io.qedstore.node;

import io.qedstore.device.file.FileDevice;
import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.nbd.Export;
import io.qedstore.owner.OwnerClock;
import io.qedstore.points.PointFile;
import io.qedstore.points.PointFiles;
import io.qedstore.rebuild.Point;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Points of images as NBD exports, {@code NAME@POINT}, to read. Clients that name the same event in whatever way share one device.
 * One that nobody has used for a while is closed. All methods are safe for many threads.
 */
final class PointExports {
    private static final Logger LOG = LoggerFactory.getLogger(PointExports.class);

    private final PointFiles files;
    private final OwnerClock clock;
    private final Duration keptFor;

    /** Guarded by itself. */
    private final Map<Key, Open> open = new HashMap<>();

    private record Key(ImageId image, Sequence sequence) {}

    private static final class Open {
        final PointFile file;
        final FileDevice device;
        final Export export;
        long lastUsedNanos;

        Open(PointFile file, FileDevice device, Export export) {
            this.file = file;
            this.device = device;
            this.export = export;
        }

        void close() {
            export.end();
            try {
                device.close();
            } catch (IOException e) {
                LOG.warn("the export {} could not be closed in order", export.name(), e);
            }
            file.close();
        }
    }

    /** @param keptFor how long a device stays that nobody uses */
    PointExports(PointFiles files, OwnerClock clock, Duration keptFor) {
        this.files = files;
        this.clock = clock;
        this.keptFor = keptFor;
    }

    /**
     * The export of a point. Waits until its file is made.
     *
     * @param point as the client wrote it
     * @throws IOException if there is no such point, or it cannot be made now
     */
    Export find(CatalogImage image, String point) throws IOException {
        Point parsed;
        try {
            parsed = Point.parse(point);
        } catch (IllegalArgumentException e) {
            throw new IOException("image " + image.name() + ": " + e.getMessage(), e);
        }
        PointFile file = files.open(image, parsed, Instant.ofEpochMilli(clock.wallMicros() / 1000));
        boolean taken = false;
        try {
            synchronized (open) {
                Key key = new Key(file.image(), file.sequence());
                Open found = open.get(key);
                if (found == null) {
                    found = open(image, file);
                    open.put(key, found);
                    taken = true;
                }
                found.lastUsedNanos = clock.monotonicNanos();
                return found.export;
            }
        } finally {
            if (!taken) {
                file.close();
            }
        }
    }

    private static Open open(CatalogImage image, PointFile file) throws IOException {
        FileDevice device = FileDevice.readOnly(file.open());
        Export export = new Export(
                image.name() + "@seq:" + file.sequence(),
                "image " + image.name() + " as it was behind event " + file.sequence() + ", to read",
                device,
                Export.Reach.CLEAR_OR_TLS);
        return new Open(file, device, export);
    }

    /** Closes what nobody has used for a while. Called every now and then. */
    void tick() {
        synchronized (open) {
            long now = clock.monotonicNanos();
            Iterator<Open> all = open.values().iterator();
            while (all.hasNext()) {
                Open each = all.next();
                if (each.export.isUsed()) {
                    each.lastUsedNanos = now;
                } else if (now - each.lastUsedNanos >= keptFor.toNanos()) {
                    all.remove();
                    each.close();
                }
            }
        }
    }

    /** Closes all; clients must be gone. */
    void close() {
        synchronized (open) {
            open.values().forEach(Open::close);
            open.clear();
        }
    }
}
