package io.qedstore.checkpoint;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import com.sun.management.ThreadMXBean;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.FoldStateException;
import io.qedstore.index.rocksdb.StoredValues;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.fuzz.FuzzInput;
import io.qedstore.rebuild.StoredProgress;
import io.qedstore.replica.ReceivedCopy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The fuzz target: what nodes store beside images and logs, or get from stores and from each other, and what nobody has written
 * there on purpose. The first byte says which {@link Form}, the second whether checksums are made to fit; then come the bytes.
 *
 * <p>What must hold for all of them:
 *
 * <ul>
 *   <li>they are read, or refused by the name that the reader's javadoc says, in little memory;
 *   <li>what was read is the same once it was written again;
 *   <li>a chunk that is refused has written nothing, another nothing behind the file's end.
 * </ul>
 */
public final class StoredBytesFuzzer {
    private static final long MEMORY_BYTES = 1 << 20;
    private static final long MEMORY_PER_BYTE = 200;
    private static final int MEMORY_ATTEMPTS = 12;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final int first;
    private final byte[] bytes;

    private StoredBytesFuzzer(int first, byte[] bytes) {
        this.first = first;
        this.bytes = bytes;
    }

    /** What the bytes are to be. */
    enum Form {
        DESCRIPTION,
        MANIFEST,
        CHUNK,
        FOLD_STATE,
        PROGRESS,
        SEED,
        VALUE,
        COPY
    }

    /** Called by Jazzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        isRead(input);
    }

    static Form form(byte[] input) {
        return Form.values()[new FuzzInput(input).u8() % Form.values().length];
    }

    /** Makes every test with one input; returns whether it was read. Too much memory counts if it is always too much. */
    static boolean isRead(byte[] input) throws IOException {
        FuzzInput in = new FuzzInput(input);
        int first = in.u8();
        boolean isSealed = in.u8() % 2 == 1;
        byte[] bytes = in.rest();
        if (isSealed) {
            seal(form(input), bytes);
        }
        StoredBytesFuzzer fuzzer = new StoredBytesFuzzer(first, bytes);
        for (int attempt = 1; ; attempt++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            boolean isRead = fuzzer.isRead(form(input));
            long used = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (used <= MEMORY_BYTES + MEMORY_PER_BYTE * bytes.length) {
                return isRead;
            }
            require(attempt < MEMORY_ATTEMPTS, "takes too much memory", bytes.length, used);
        }
    }

    // ---- checksums

    private static void seal(Form form, byte[] bytes) {
        switch (form) {
            case DESCRIPTION, PROGRESS -> sealDigest(bytes, 0, bytes.length);
            case MANIFEST -> sealManifest(bytes);
            case CHUNK, FOLD_STATE, SEED, VALUE, COPY -> {}
        }
    }

    private static void sealDigest(byte[] bytes, int from, int end) {
        if (end - from >= Digest.BYTES) {
            int at = end - Digest.BYTES;
            DigestAlgorithm.XXH3_128
                    .of(bytes, from, at - from)
                    .write(ByteBuffer.wrap(bytes).position(at));
        }
    }

    private static void sealManifest(byte[] bytes) {
        int summed = bytes.length - 32;
        if (summed < 10) {
            return;
        }
        int headBytes = Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort(8));
        sealDigest(bytes, 10, Math.min(summed, 10 + headBytes));
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bytes, summed));
            System.arraycopy(sum, 0, bytes, summed, sum.length);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- forms

    private boolean isRead(Form expected) throws IOException {
        return switch (expected) {
            case DESCRIPTION -> isDescription();
            case MANIFEST -> isManifest();
            case CHUNK -> isChunk();
            case FOLD_STATE -> isFoldState();
            case PROGRESS -> StoredProgress.isRead(bytes);
            case SEED -> isSeed();
            case VALUE -> isValue();
            case COPY -> isCopy();
        };
    }

    private boolean isDescription() throws CheckpointException {
        CheckpointDescription read;
        try {
            read = CheckpointCodec.decode(bytes, "it");
        } catch (CheckpointException.Damaged | CheckpointException.OtherVersion e) {
            return false;
        }
        require(CheckpointCodec.decode(CheckpointCodec.encode(read), "it").equals(read), "another when written", read);
        return true;
    }

    private boolean isManifest() throws CheckpointException {
        Manifest read;
        try {
            read = Manifest.decode(bytes, "it");
        } catch (CheckpointException.Damaged | CheckpointException.OtherVersion e) {
            return false;
        }
        require(Manifest.decode(read.encode(), "it").equals(read), "another when written", read);
        return true;
    }

    private boolean isChunk() throws IOException {
        FuzzInput in = new FuzzInput(bytes);
        long length = in.i32() & 0xffff_ffffL;
        byte[] chunk = in.rest();
        MemoryImageFile target = new MemoryImageFile();
        int written;
        try {
            written = ChunkCodec.write(chunk, length, target, "it");
        } catch (CheckpointException.Damaged e) {
            require(target.length() == 0, "refused, and has written up to", target.length());
            return false;
        }
        require(target.length() <= length, "has written behind the end", target.length(), length);
        require(written > 0 && written < chunk.length, "more bytes than the chunk has", written, chunk.length);
        return true;
    }

    private boolean isFoldState() throws FoldStateException {
        FoldState read;
        try {
            read = FoldStateCodec.decode(bytes);
        } catch (FoldStateException e) {
            return false;
        }
        require(FoldStateCodec.decode(FoldStateCodec.encode(read)).equals(read), "another when written", read);
        return true;
    }

    private boolean isSeed() throws FoldStateException {
        byte[] written;
        try {
            written = StoredValues.rewrittenSeed(bytes);
        } catch (FoldStateException e) {
            return false;
        }
        require(Arrays.equals(StoredValues.rewrittenSeed(written), written), "another when written");
        return true;
    }

    private boolean isValue() {
        int kind = first / Form.values().length;
        byte[] written = StoredValues.rewritten(kind, bytes);
        require(Arrays.equals(StoredValues.rewritten(kind, written), written), "another when written, of kind", kind);
        return written.length > 0;
    }

    private boolean isCopy() {
        try {
            byte[] block = new ReceivedCopy(new ByteArrayInputStream(bytes), BLOCK_BYTES).readBlock();
            require(block.length == BLOCK_BYTES, "another length", block.length);
            return true;
        } catch (IOException e) {
            return false; // the stream, or who sends it
        }
    }

    private static void require(boolean holds, String what, Object... about) {
        if (!holds) {
            throw new AssertionError(what + ": " + Arrays.toString(about));
        }
    }
}
