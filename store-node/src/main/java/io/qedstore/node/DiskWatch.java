package io.qedstore.node;

import io.qedstore.config.DiskConfig;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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

    int usedPercent() {
        return usedPercent;
    }

    /** Why nothing is begun that needs room; empty if something may. */
    Optional<String> noRoom() {
        return level.compareTo(Level.NO_NEW_IMAGES) < 0
                ? Optional.empty()
                : Optional.of("the disk of " + folder + " is " + usedPercent + " % full, and from "
                        + config.stopImagesPercent()
                        + " % on (disk.stop.images) this node takes no new images and exports nothing");
    }
}
