package io.qedstore.node;

import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.checkpoint.ObjectCheckpoints;
import io.qedstore.checkpoint.s3.S3Location;
import io.qedstore.checkpoint.s3.S3Objects;
import io.qedstore.config.CheckpointConfig;
import io.qedstore.config.NodeConfig;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.ByteRate;
import io.qedstore.hosting.HostedImages;
import io.qedstore.hosting.LogSource;
import io.qedstore.index.MetadataIndex;
import io.qedstore.owner.OwnerClock;
import io.qedstore.points.CheckpointRule;
import io.qedstore.points.Checkpointer;
import io.qedstore.points.HistoryTrim;
import io.qedstore.retention.CatalogVoice;
import io.qedstore.retention.CheckpointKeeper;
import io.qedstore.retention.KeepSteps;
import io.qedstore.retention.LogTrimmer;
import io.qedstore.retention.TrimSteps;
import io.qedstore.retention.UnjumpedClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The stores of checkpoints of a node, and who keeps them.
 *
 * @param store the node's own
 * @param objects where owners put theirs too
 */
record CheckpointStart(LocalCheckpoints store, Optional<ObjectCheckpoints> objects) {
    /** What the catalog calls the store of objects that a cluster shares. */
    static final NodeId OBJECT_STORE = new NodeId("s3-checkpoints");

    private static final long METER_STEP_BYTES = 1 << 20;

    /** @param shutdown closes what is opened */
    static CheckpointStart of(NodeConfig config, Path folder, Shutdown shutdown) throws IOException {
        if (config.id().equals(OBJECT_STORE)) {
            throw new IOException("a node cannot be called " + OBJECT_STORE
                    + ", which is what the catalog calls the store of objects; give it another node.id");
        }
        LocalCheckpoints store = new LocalCheckpoints(folder, config.id());
        Optional<S3Location> location = config.checkpoints().s3();
        if (location.isEmpty()) {
            return new CheckpointStart(store, Optional.empty());
        }
        S3Objects s3 = S3Objects.at(location.get());
        shutdown.add("the store of objects", s3::close);
        return new CheckpointStart(store, Optional.of(new ObjectCheckpoints(s3, OBJECT_STORE)));
    }

    /** All that a point may be made from, the nearest first. */
    List<CheckpointStore> stores() {
        List<CheckpointStore> stores = new ArrayList<>();
        stores.add(store);
        objects.ifPresent(stores::add);
        return stores;
    }

    HistoryTrim trim(
            MetadataIndex index,
            HostedImages hosted,
            LogTrimmer.Logs logs,
            Supplier<Optional<Set<NodeId>>> there,
            OwnerClock clock,
            CatalogVoice catalog) {
        return new HistoryTrim(
                store.holder(),
                hosted,
                new LogTrimmer(
                        store,
                        objects,
                        index,
                        catalog,
                        logs,
                        node -> there.get().orElse(Set.of()).contains(node),
                        new UnjumpedClock(clock::wallMicros, clock::monotonicNanos),
                        METER_STEP_BYTES,
                        TrimSteps.NONE));
    }

    Checkpointer checkpointer(
            NodeConfig config,
            MetadataIndex index,
            HostedImages hosted,
            LogSource logs,
            OwnerClock clock,
            CatalogVoice catalog,
            DiskWatch disk) {
        CheckpointConfig checkpoints = config.checkpoints();
        int keep = checkpoints.keep();
        return new Checkpointer(
                config.id(),
                new CheckpointRule(checkpoints.tailBytes(), checkpoints.age()),
                new ByteRate(checkpoints.bytesPerSecond().orElse(0), clock::monotonicNanos),
                store,
                new CheckpointKeeper(store, keep, index, catalog, KeepSteps.NONE),
                objects.map(there -> new CheckpointKeeper(there, Math.max(1, keep), index, catalog, KeepSteps.NONE)),
                index,
                hosted,
                logs,
                clock,
                () -> keep > 0 && disk.hasRoom());
    }
}
