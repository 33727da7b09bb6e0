package io.qedstore.rebuild;

import io.qedstore.content.BlockDigest;
import io.qedstore.content.Mender;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.fold.FoldState;
import io.qedstore.log.EventLog;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Finds a block's bytes in a log: reads it from a place at which the block is known, its beginning at the latest, and keeps that block
 * alone. Waits for the log.
 */
public final class BlockRestore implements Mender {
    private final EventLog log;
    private final FoldState from;
    private final DigestAlgorithm algorithm;
    private final Duration patience;

    /**
     * @param log nobody else may use this object
     * @param from where to begin
     * @param patience how long the log may give no answer
     */
    public BlockRestore(EventLog log, FoldState from, DigestAlgorithm algorithm, Duration patience) {
        this.log = log;
        this.from = from;
        this.algorithm = algorithm;
        this.patience = patience;
    }

    /** From the log's beginning, where all blocks are zeros. */
    @Override
    public Optional<byte[]> find(long block, Digest wanted) throws IOException {
        return find(block, wanted, new byte[BlockDigest.BLOCK_BYTES]);
    }

    /** @param known what the block was where to begin; it may have something of later events */
    public Optional<byte[]> find(long block, Digest wanted, byte[] known) throws IOException {
        OneBlock kept = new OneBlock(block, known, algorithm, wanted);
        if (kept.found().isEmpty()) {
            new Redo(log, from, kept, patience).until(next -> kept.found().isPresent());
        }
        return kept.found();
    }
}
