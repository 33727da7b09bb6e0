package io.qedstore.content;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.Zeros;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file's blocks and what is known of them. A block that differs is looked for elsewhere and put back, if what was found has the
 * known digest: the one way beside events to write to the file. Safe for many threads, as far as nobody else writes meanwhile.
 */
public final class KnownBlocks {
    private static final Logger LOG = LoggerFactory.getLogger(KnownBlocks.class);

    private final ImageFile file;
    private final BlockSums sums;
    private final DigestAlgorithm algorithm;
    private final Mender mender;
    private final AtomicLong restored = new AtomicLong();

    public KnownBlocks(ImageFile file, BlockSums sums, DigestAlgorithm algorithm, Mender mender) {
        this.file = file;
        this.sums = sums;
        this.algorithm = algorithm;
        this.mender = mender;
    }

    /** How many blocks were put back. */
    public long restored() {
        return restored.get();
    }

    ImageFile file() {
        return file;
    }

    BlockSums sums() {
        return sums;
    }

    Digest digest(long block, byte[] bytes) {
        return BlockDigest.of(algorithm, block, ByteBuffer.wrap(bytes));
    }

    /** The digest of what a block should be. */
    public Digest known(long block) throws IOException {
        return sums.get(block);
    }

    /** Whether bytes are what is known of a block. */
    boolean isKnown(long block, ByteBuffer bytes) throws IOException {
        return BlockDigest.of(algorithm, block, bytes).equals(sums.get(block));
    }

    boolean isKnown(long block, byte[] bytes) throws IOException {
        return isKnown(block, ByteBuffer.wrap(bytes));
    }

    /** Whether the file has what is known of a block; nobody may write meanwhile. */
    public boolean isIntact(long block) throws IOException {
        return isKnown(block, read(block));
    }

    /** What the file has, zeros behind its end. */
    byte[] read(long block) throws IOException {
        byte[] bytes = new byte[BLOCK_BYTES];
        file.read(block * BLOCK_BYTES, ByteBuffer.wrap(bytes));
        return bytes;
    }

    /**
     * What a block that differs should be. Waits for others.
     *
     * @param wanted what is known of it
     * @throws BadBlockException if nobody has it, or could be asked
     */
    public byte[] find(long block, Digest wanted) throws IOException {
        if (wanted.equals(Digest.NONE)) {
            return new byte[BLOCK_BYTES];
        }
        Optional<byte[]> found;
        try {
            found = mender.find(block, wanted);
        } catch (IOException e) {
            throw new BadBlockException(block, e);
        }
        return found.filter(bytes -> digest(block, bytes).equals(wanted))
                .orElseThrow(() -> new BadBlockException(block, "no other copy and no log has what that was"));
    }

    /** Puts a block back; nobody else may write meanwhile. Not synced. */
    public void restore(long block, byte[] bytes) throws IOException {
        long inFile = Math.min(BLOCK_BYTES, sums.lengthBytes() - block * BLOCK_BYTES);
        if (inFile > 0 && isKnown(block, bytes)) {
            if (Zeros.areAll(ByteBuffer.wrap(bytes))) {
                file.zero(block * BLOCK_BYTES, inFile); // as a hole, where it can be one
            } else {
                file.write(block * BLOCK_BYTES, ByteBuffer.wrap(bytes, 0, (int) inFile));
            }
            restored.incrementAndGet();
            LOG.warn("the block at {} was not what was written there; it is restored", block * BLOCK_BYTES);
        }
    }
}
