package io.qedstore.backing;

import io.qedstore.content.BadBlockException;
import io.qedstore.content.KnownBlocks;
import io.qedstore.content.Scrub;
import io.qedstore.digest.Digest;
import io.qedstore.qed.file.ChannelImageFile;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A base's file and the digests of its blocks, open. Nothing is written to it but blocks that it has lost. */
public final class StoredBase implements Closeable {
    private final ChannelImageFile file;
    private final ChannelImageFile sums;
    private final KnownBlocks blocks;

    StoredBase(ChannelImageFile file, ChannelImageFile sums, KnownBlocks blocks) {
        this.file = file;
        this.sums = sums;
        this.blocks = blocks;
    }

    ChannelImageFile file() {
        return file;
    }

    KnownBlocks blocks() {
        return blocks;
    }

    /**
     * Puts a block back that differs. Waits for the log.
     *
     * @throws BadBlockException if it does not have what that was
     */
    synchronized void restore(long block) throws IOException {
        if (!blocks.isIntact(block)) {
            Digest known = blocks.known(block);
            blocks.restore(block, blocks.find(block, known));
            file.sync();
        }
    }

    /** Reads some of it again. */
    int scrub(Scrub scrub) throws IOException {
        List<Long> bad = new ArrayList<>();
        int read = scrub.step(bad::add);
        for (long block : bad) {
            restore(block);
        }
        return read;
    }

    @Override
    public void close() throws IOException {
        try (sums) {
            file.close();
        }
    }
}
