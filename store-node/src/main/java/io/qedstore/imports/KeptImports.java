package io.qedstore.imports;

import io.qedstore.api.NewImportRequest;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of imports, in a folder, each called by the id of the image that it is to become. None lives for longer than an hour after
 * its last request. All methods are safe for many threads.
 */
public final class KeptImports {
    private static final Logger LOG = LoggerFactory.getLogger(KeptImports.class);

    private static final Duration KEPT_FOR = Duration.ofHours(1);
    private static final int MAX_KEPT = 16;
    private static final String SUFFIX = ".import";

    private final Path folder;
    private final LongSupplier nanos;

    /** Guarded by itself. */
    private final Map<ImageId, KeptImport> kept = new LinkedHashMap<>();

    private volatile boolean stopped;

    /**
     * What an earlier run has left stays, until somebody has cleared away what belongs to it.
     *
     * @param nanos a clock that never goes back
     */
    public KeptImports(Path folder, LongSupplier nanos) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.nanos = nanos;
    }

    @FunctionalInterface
    interface FileWork {
        void run() throws IOException;
    }

    static void quietly(String what, Path file, FileWork work) {
        try {
            work.run();
        } catch (IOException e) {
            LOG.warn("cannot {} the file {} of an import", what, file, e);
        }
    }

    /** One that was begun with the same request, and is not over. */
    public Optional<KeptImport> begun(ImageName name, NewImportRequest request) {
        synchronized (kept) {
            Optional<KeptImport> found = kept.values().stream()
                    .filter(each ->
                            each.isOf(name, request) && !each.state().stage().isOver())
                    .max(Comparator.comparing(KeptImport::lastUsedNanos));
            found.ifPresent(each -> each.used(nanos.getAsLong()));
            return found;
        }
    }

    /** @throws ServiceException if there are too many */
    public KeptImport begin(ImageId id, ImageName name, NewImportRequest request, Placement placement)
            throws IOException {
        synchronized (kept) {
            if (kept.size() >= MAX_KEPT) {
                kept.values().stream()
                        .filter(each -> each.isIdle() && each.state().stage() != ImportStage.UPLOADING)
                        .min(Comparator.comparing(KeptImport::lastUsedNanos))
                        .ifPresent(this::forget);
            }
            if (kept.size() >= MAX_KEPT) {
                throw new ServiceException(
                        ServiceError.NO_ROOM,
                        MAX_KEPT + " files are being imported on this node; try again when one is done");
            }
            KeptImport begun = KeptImport.begin(file(id), id, name, request, placement, nanos.getAsLong());
            kept.put(id, begun);
            return begun;
        }
    }

    private Path file(ImageId id) {
        return folder.resolve(id + SUFFIX);
    }

    /** @throws ServiceException if there is none */
    public KeptImport get(ImageName name, String id) throws ServiceException {
        synchronized (kept) {
            for (KeptImport each : kept.values()) {
                if (each.id().toString().equals(id) && each.name().equals(name)) {
                    each.used(nanos.getAsLong());
                    return each;
                }
            }
        }
        throw new ServiceException(
                ServiceError.GONE, "import " + id + " of image " + name + " is not kept any more; begin it again");
    }

    /** @throws ServiceException if it is on its way into a log */
    public void drop(KeptImport dropped) throws ServiceException {
        synchronized (kept) {
            if (!dropped.isIdle()) {
                throw new ServiceException(
                        ServiceError.CONFLICT, "import " + dropped.id() + " is under way, and cannot be dropped now");
            }
            forget(dropped);
        }
    }

    /** Drops what nobody has asked for in a while. Called every now and then. */
    public void tick() {
        synchronized (kept) {
            List<KeptImport> old = kept.values().stream()
                    .filter(each -> each.isIdle() && nanos.getAsLong() - each.lastUsedNanos() > KEPT_FOR.toNanos())
                    .toList();
            old.forEach(this::forget);
        }
    }

    /** A file that has to be cleared away by others stays. */
    private void forget(KeptImport old) {
        kept.remove(old.id());
        if (old.state().stage() == ImportStage.UPLOADING) {
            old.remove();
        } else {
            old.close();
        }
    }

    /** Files that belong to no import of this run: an end of the node, or of an import, has left them. */
    public List<ImageId> remains() throws IOException {
        List<ImageId> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(SUFFIX)) {
                    found.add(new ImageId(UUID.fromString(name.substring(0, name.length() - SUFFIX.length()))));
                }
            }
        }
        synchronized (kept) {
            found.removeAll(kept.keySet());
        }
        return found;
    }

    /** All that belonged to it is gone, or an image's. */
    public void removeRemains(ImageId id) throws IOException {
        Files.deleteIfExists(file(id));
    }

    /** The node ends: whoever writes into a log stops. */
    public void stop() {
        stopped = true;
    }

    public boolean isStopped() {
        return stopped;
    }
}
