package io.qedstore.node;

import io.qedstore.backing.BaseFiles;
import io.qedstore.catalog.Catalog;
import io.qedstore.config.NodeConfig;
import io.qedstore.event.NodeId;
import io.qedstore.export.KeptExports;
import io.qedstore.hosting.HostedImages;
import io.qedstore.hosting.RebuildSources;
import io.qedstore.hosting.ScrubMarks;
import io.qedstore.hosting.Scrubber;
import io.qedstore.imports.KeptImports;
import io.qedstore.index.MetadataIndex;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.LogSettings;
import io.qedstore.owner.OwnerClock;
import io.qedstore.points.HistoryTrim;
import io.qedstore.points.PointFiles;
import io.qedstore.verify.Verifications;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/**
 * What a running node consists of, for its commands.
 *
 * @param newLogs how the logs of new images are kept
 * @param there the nodes that Kafka sees running; empty while that is not known
 */
record NodeParts(
        NodeConfig config,
        KafkaLogs logs,
        LogSettings newLogs,
        NewImages newImages,
        MetadataIndex index,
        Catalog catalog,
        CatalogCommands commands,
        HostedImages hosted,
        NodeExports nbd,
        OwnedExports owned,
        KeptExports exports,
        KeptImports imports,
        PeerCopies peers,
        PointFiles points,
        BaseFiles bases,
        RebuildSources sources,
        HistoryTrim trim,
        DiskWatch disk,
        ScrubMarks scrubs,
        Scrubber scrubber,
        Rewinder rewinder,
        Verifications verifications,
        Supplier<Optional<Set<NodeId>>> there,
        OwnerClock clock,
        ScheduledExecutorService timer,
        Supplier<UUID> ids) {

    NodeId self() {
        return config.id();
    }
}
