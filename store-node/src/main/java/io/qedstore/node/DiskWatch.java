package io.qedstore.node;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.config.DiskConfig;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How full the node's disk is. Looks at each {@link #tick}; all methods are safe for many threads. */
final class DiskWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);

    /** What the node still does, the more the disk fills up. */
    enum Level {
        FINE,
        WARN,
        NO_NEW_IMAGES,
        REPLICAS_STAND
    }

    private final FileStore disk;
    private final Path folder;
    private final DiskConfig config;
    private volatile Level level = Level.FINE;
    private volatile int usedPercent;

    DiskWatch(Path folder, DiskConfig config) throws IOException {
        this.folder = folder;
        this.disk = Files.getFileStore(folder);
        this.config = config;
        tick();
    }

    void tick() {
        try {
            long total = disk.getTotalSpace();
            long free = disk.getUsableSpace();
            usedPercent = total <= 0 ? 0 : (int) Math.ceil(100.0 * (total - free) / total);
        } catch (IOException e) {
            LOG.warn("how full the disk of {} is cannot be found out", folder, e);
            return;
        }
        Level now = levelOf(usedPercent);
        if (now.compareTo(level) > 0) {
            LOG.warn("the disk of {} is {} % full: {}", folder, usedPercent, now);
        }
        level = now;
    }

    private Level levelOf(int percent) {
        if (percent >= config.stopReplicasPercent()) {
            return Level.REPLICAS_STAND;
        } else if (percent >= config.stopImagesPercent()) {
            return Level.NO_NEW_IMAGES;
        }
        return percent >= config.warnPercent() ? Level.WARN : Level.FINE;
    }

    boolean replicasStand() {
        return level == Level.REPLICAS_STAND;
    }

    /** Whether there is room for what can be done without. */
    boolean hasRoom() {
        tick();
        return level.compareTo(Level.NO_NEW_IMAGES) < 0;
    }

    int usedPercent() {
        return usedPercent;
    }

    /**
     * For what is only begun where there is room.
     *
     * @param otherwise what to do instead
     * @throws ServiceException if there is none
     */
    void requireRoom(String otherwise) throws ServiceException {
        tick();
        if (level.compareTo(Level.NO_NEW_IMAGES) >= 0) {
            throw new ServiceException(
                    ServiceError.NO_ROOM,
                    "the disk of " + folder + " is " + usedPercent + " % full, and from " + config.stopImagesPercent()
                            + " % on (disk.stop.images) this node takes no new images and exports nothing; make room, or "
                            + otherwise);
        }
    }
}
