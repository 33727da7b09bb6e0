package io.qedstore.node;

import io.qedstore.event.NodeId;
import io.qedstore.hosting.HostedImages;
import io.qedstore.index.MetadataIndex;
import io.qedstore.nbd.client.RemoteDisks;
import io.qedstore.route.RouteSettings;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What is needed to serve images wherever they are owned.
 *
 * @param disks connect to other nodes
 * @param usesTls whether nodes speak TLS with each other
 * @param workers run what may wait
 */
record ForwardingParts(
        NodeId self,
        MetadataIndex index,
        HostedImages hosted,
        OwnedExports owned,
        RemoteDisks disks,
        boolean usesTls,
        RouteSettings settings,
        Executor workers,
        ScheduledExecutorService timer) {}
