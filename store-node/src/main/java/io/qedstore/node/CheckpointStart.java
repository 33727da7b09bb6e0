package io.qedstore.node;

import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.checkpoint.ObjectCheckpoints;
import io.qedstore.checkpoint.s3.S3Objects;
import io.qedstore.config.CheckpointConfig;
import io.qedstore.config.NodeConfig;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.HostedImages;
import io.qedstore.hosting.LogSource;
import io.qedstore.index.MetadataIndex;
import io.qedstore.owner.OwnerClock;
import io.qedstore.points.CheckpointRule;
import io.qedstore.points.Checkpointer;
import io.qedstore.retention.CheckpointKeeper;
import io.qedstore.retention.KeepSteps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The stores of checkpoints of a node, and who keeps them.
 *
 * @param store the node's own
 * @param objects where owners put theirs too
 */
record CheckpointStart(
        LocalCheckpoints store,
        CheckpointKeeper local,
        Optional<ObjectCheckpoints> objects,
        Optional<CheckpointKeeper> remote) {
    /** What the catalog calls the store of objects that a cluster shares. */
    static final NodeId OBJECT_STORE = new NodeId("s3-checkpoints");

    static CheckpointStart of(
            NodeConfig config, Path folder, MetadataIndex index, CatalogCommands commands, Shutdown shutdown)
            throws IOException {
        if (config.id().equals(OBJECT_STORE)) {
            throw new IOException("a node cannot be called " + OBJECT_STORE
                    + ", which is what the catalog calls the store of objects; give it another node.id");
        }
        CheckpointConfig checkpoints = config.checkpoints();
        LocalCheckpoints store = new LocalCheckpoints(folder, config.id());
        CheckpointKeeper local =
                new CheckpointKeeper(store, checkpoints.keep(), index, commands::say, KeepSteps.NONE);
        if (checkpoints.s3().isEmpty()) {
            return new CheckpointStart(store, local, Optional.empty(), Optional.empty());
        }
        S3Objects s3 = S3Objects.at(checkpoints.s3().get());
        shutdown.add("the store of objects", s3::close);
        ObjectCheckpoints objects = new ObjectCheckpoints(s3, OBJECT_STORE);
        return new CheckpointStart(
                store,
                local,
                Optional.of(objects),
                Optional.of(new CheckpointKeeper(
                        objects, Math.max(1, checkpoints.keep()), index, commands::say, KeepSteps.NONE)));
    }

    Checkpointer checkpointer(
            NodeConfig config,
            MetadataIndex index,
            HostedImages hosted,
            LogSource logs,
            OwnerClock clock,
            DiskWatch disk) {
        CheckpointConfig checkpoints = config.checkpoints();
        return new Checkpointer(
                config.id(),
                new CheckpointRule(checkpoints.tailBytes(), checkpoints.age()),
                checkpoints.bytesPerSecond(),
                store,
                local,
                remote,
                index,
                hosted,
                logs,
                clock,
                () -> checkpoints.keep() > 0 && disk.hasRoom());
    }
}
