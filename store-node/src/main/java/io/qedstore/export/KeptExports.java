package io.qedstore.export;

import io.qedstore.api.ImageExport;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.Sequence;
import io.qedstore.export.KeptExport.Copy;
import io.qedstore.hosting.CopyFile;
import io.qedstore.hosting.Room;
import io.qedstore.log.EventLog;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.SparseCopy;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import io.qedstore.rebuild.BaseCopy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies that are kept, in a folder that is cleared at each start. Each lives for a while after its last user. All methods are
 * safe for many threads.
 */
public final class KeptExports {
    private static final Logger LOG = LoggerFactory.getLogger(KeptExports.class);

    private static final Duration KEPT_FOR = Duration.ofMinutes(10);
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(60);
    private static final int MAX_KEPT = 8;

    private final Path folder;
    private final Supplier<UUID> ids;
    private final LongSupplier nanos;
    private final Room room;

    /** By tag, the oldest first; guarded by itself. */
    private final Map<String, Kept> kept = new LinkedHashMap<>();

    /** Copies that are being made; guarded by the same. */
    private int beingMade;

    private static final class Kept {
        final Copy copy;
        int users;
        long lastUsedNanos;

        Kept(Copy copy) {
            this.copy = copy;
        }
    }

    /**
     * @param nanos a clock that never goes back
     * @param room asked before a copy is begun, and for each MiB of it
     */
    public KeptExports(Path folder, Supplier<UUID> ids, LongSupplier nanos, Room room) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.room = room;
        this.ids = ids;
        this.nanos = nanos;
        List<Path> left;
        try (Stream<Path> files = Files.list(folder)) {
            left = files.toList();
        }
        for (Path file : left) {
            Files.delete(file);
        }
    }

    /**
     * Makes a copy of a file as it is now.
     *
     * @param log the image's, which nobody else uses
     * @param exact the file's own bytes; otherwise the copy says that it needs no check, since it is whole
     * @throws ServiceException if there is no room for it; then nothing of it is left
     */
    public ImageExport make(String image, CopyFile file, EventLog log, boolean exact) throws IOException {
        return make(image, exact, target -> BaseCopy.copy(
                        file.folded(), file.view(), log, target, LOG_PATIENCE, bytes -> room.require())
                .sequence());
    }

    /**
     * Makes a copy of a file that does not change.
     *
     * @param at the event behind which it is
     * @throws ServiceException if there is no room for it; then nothing of it is left
     */
    public ImageExport make(String image, FileView file, Sequence at, boolean exact) throws IOException {
        return make(image, exact, target -> {
            SparseCopy.copy(file, target);
            return at;
        });
    }

    /**
     * Makes an overlay of what has changed between two disks, without what they lie over, that do not change.
     *
     * @param at the event behind which {@code now} is
     * @param backingName by which the overlay finds an export of {@code then}
     * @throws ServiceException if there is no room for it; then nothing of it is left
     */
    public ImageExport makeOverlay(String image, GuestImage then, GuestImage now, Sequence at, String backingName)
            throws IOException {
        return make(image, false, target -> {
            QedHeader header = HeaderReader.read(now.view(), HeaderLayout.FINAL).header();
            new OverlaySince(then, now, header, room).writeTo(target, backingName);
            return at;
        });
    }

    private interface Filling {
        /** @return the event behind which the file is then */
        Sequence fill(ChannelImageFile target) throws IOException;
    }

    private ImageExport make(String image, boolean exact, Filling filling) throws IOException {
        room.require();
        makeWay();
        String tag = ids.get().toString();
        Path path = folder.resolve(tag + ".qed");
        boolean made = false;
        try {
            Copy copy = copy(image, filling, exact, tag, path);
            made = true;
            Kept added = new Kept(copy);
            synchronized (kept) {
                beingMade--;
                added.users = 1;
                kept.put(tag, added);
            }
            return open(added);
        } finally {
            if (!made) {
                forgetMaking();
                Files.deleteIfExists(path);
            }
        }
    }

    private static Copy copy(String image, Filling filling, boolean exact, String tag, Path path) throws IOException {
        try (ChannelImageFile target = ChannelImageFile.createOrOpen(path)) {
            Sequence at = filling.fill(target);
            if (!exact) {
                clearNeedCheck(target);
            }
            return new Copy(tag, image, exact, path, at.value(), target.length(), KeptExport.sha256Of(target));
        }
    }

    /** A file that is made of whole events is in order, whatever its owner was about. */
    private static void clearNeedCheck(ChannelImageFile file) throws IOException {
        QedHeader header = HeaderReader.read(file, HeaderLayout.FINAL).header();
        if (header.needsCheck()) {
            ByteBuffer bytes = QedHeaderCodec.encode(header.withNeedCheck(false), new byte[0]);
            file.write(0, bytes.limit(QedHeaderCodec.HEADER_BYTES));
        }
    }

    /**
     * A copy that is kept.
     *
     * @throws ServiceException if it is not, or is of another image
     */
    public ImageExport get(String image, boolean exact, String tag) throws IOException {
        Kept found;
        synchronized (kept) {
            found = kept.get(tag);
            if (found == null || !found.copy.image().equals(image) || found.copy.exact() != exact) {
                throw new ServiceException(
                        ServiceError.GONE,
                        "the export " + tag + " of image " + image + " is not kept any more; begin a new one");
            }
            found.users++;
        }
        return open(found);
    }

    private ImageExport open(Kept of) throws IOException {
        boolean opened = false;
        try {
            AtomicBoolean closed = new AtomicBoolean();
            ImageExport export = KeptExport.open(of.copy, () -> {
                if (!closed.getAndSet(true)) {
                    left(of);
                }
            });
            opened = true;
            return export;
        } finally {
            if (!opened) {
                left(of);
            }
        }
    }

    private void left(Kept of) {
        synchronized (kept) {
            of.users--;
            of.lastUsedNanos = nanos.getAsLong();
        }
    }

    private void makeWay() throws ServiceException {
        synchronized (kept) {
            if (kept.size() + beingMade >= MAX_KEPT) {
                kept.values().stream()
                        .filter(each -> each.users == 0)
                        .findFirst()
                        .ifPresentOrElse(this::drop, () -> {});
            }
            if (kept.size() + beingMade >= MAX_KEPT) {
                throw new ServiceException(
                        ServiceError.NO_ROOM,
                        MAX_KEPT + " exports are being downloaded from this node; try again when one is done");
            }
            beingMade++;
        }
    }

    private void forgetMaking() {
        synchronized (kept) {
            beingMade--;
        }
    }

    /** Drops what nobody has used for a while. Called every now and then. */
    public void tick() {
        synchronized (kept) {
            List<Kept> old = kept.values().stream()
                    .filter(each -> each.users == 0 && nanos.getAsLong() - each.lastUsedNanos > KEPT_FOR.toNanos())
                    .toList();
            old.forEach(this::drop);
        }
    }

    private void drop(Kept old) {
        kept.remove(old.copy.tag());
        try {
            Files.deleteIfExists(old.copy.path());
        } catch (IOException e) {
            LOG.warn("the export {} could not be removed", old.copy.path(), e);
        }
    }
}
