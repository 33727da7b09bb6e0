package io.qedstore.hosting;

import io.qedstore.content.BlockDigest;
import io.qedstore.content.Mender;
import io.qedstore.digest.Digest;
import io.qedstore.event.NodeId;
import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.EventLog;
import io.qedstore.rebuild.BlockRestore;
import io.qedstore.replica.ReceivedCopy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the other nodes for a block that this node's file has lost, and then the log. */
final class CopyMender implements Mender {
    private static final Logger LOG = LoggerFactory.getLogger(CopyMender.class);
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(60);

    private final Host host;
    private final Supplier<CatalogImage> image;

    /** @param image as the catalog has it now */
    CopyMender(Host host, Supplier<CatalogImage> image) {
        this.host = host;
        this.image = image;
    }

    @Override
    public Optional<byte[]> find(long block, Digest wanted) throws IOException {
        CatalogImage now = image.get();
        for (NodeId node : now.placement().nodes()) {
            if (!node.equals(host.self())) {
                Optional<byte[]> found = ask(node, now, block, wanted);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        LOG.info("the block {} of image {} is looked for in all of its log", block, now.name());
        EventLog log = host.logs().open(now.id());
        FoldState start = FoldState.start(now.id(), now.lineage(), log.topicId());
        return new BlockRestore(log, start, now.digestAlgorithm(), LOG_PATIENCE).find(block, wanted);
    }

    /** What the node has, and what the log has made of it since. */
    private Optional<byte[]> ask(NodeId node, CatalogImage of, long block, Digest wanted) {
        long at = block * BlockDigest.BLOCK_BYTES;
        try (InputStream stream = host.others().open(node, of.id(), at, 1)) {
            ReceivedCopy copy = new ReceivedCopy(stream, at);
            byte[] bytes = copy.readBlock();
            if (BlockDigest.of(of.digestAlgorithm(), block, ByteBuffer.wrap(bytes))
                    .equals(wanted)) {
                return Optional.of(bytes);
            }
            EventLog log = host.logs().open(of.id());
            return new BlockRestore(log, copy.from(), of.digestAlgorithm(), LOG_PATIENCE).find(block, wanted, bytes);
        } catch (IOException e) {
            LOG.info("node {} gives no block {} of image {}: {}", node, block, of.name(), e.getMessage());
            return Optional.empty();
        }
    }
}
