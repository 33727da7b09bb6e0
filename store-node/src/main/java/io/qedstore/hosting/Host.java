package io.qedstore.hosting;

import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.NodeId;
import io.qedstore.fold.ProgressStore;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.volume.PendingBudget;
import io.qedstore.volume.VolumeSettings;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What all images of a node share.
 *
 * @param ownsImages whether it is this node's role to own any
 * @param ids give an id that nobody else has, at each call
 * @param owner how images are owned
 * @param pendingMaxBytes of changes of one image that are not in its file
 * @param pending of all images
 * @param logTimeout how long a request may wait for the log; zero: for ever
 * @param replicasStand whether copies of other nodes' images stay where they are, because the disk is nearly full
 * @param others copies that other nodes have
 * @param seeds makes copies of those
 * @param bases what clones lie over
 * @param sources what images are made from besides
 * @param verifyReads whether what clients read is compared with what is known of the file
 * @param workers run what may wait
 * @param appliers put events into files
 */
public record Host(
        NodeId self,
        boolean ownsImages,
        LogSource logs,
        ProgressStore progress,
        ImageFiles files,
        OwnerClock clock,
        Supplier<UUID> ids,
        OwnerSettings owner,
        long pendingMaxBytes,
        PendingBudget pending,
        Duration logTimeout,
        BooleanSupplier replicasStand,
        OtherCopies others,
        SeedQueue seeds,
        Bases bases,
        RebuildSources sources,
        boolean verifyReads,
        Executor workers,
        Executor appliers) {
    /** So many bytes are applied before a file is synced. */
    static final long SYNC_EVERY_BYTES = 32L << 20;

    /** So many bytes of events may wait for a file before its log is read on. */
    static final long MAX_WAITING_BYTES = 32L << 20;

    long seconds() {
        return clock.wallMicros() / 1_000_000;
    }

    VolumeSettings volume(CacheMode cache) {
        return new VolumeSettings(cache, pendingMaxBytes, logTimeout);
    }
}
