package io.qedstore.checkpoint;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ContentDigest;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.FoldStateException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A checkpoint's description as bytes. All numbers are big-endian:
 *
 * <pre>
 *      at  bytes
 *       0    8   "QEDCKPT" and the version, 1
 *       8    2   length n of the fold state
 *      10    n   the fold state, by FoldStateCodec
 *  10 + n    8   length of the image's file
 *  18 + n   16   sum over its blocks
 *  34 + n    8   what it takes up where it lies
 *  42 + n    8   when it was made, in microseconds since 1970
 *  50 + n   16   XXH3-128 of all before
 * </pre>
 */
public final class CheckpointCodec {
    /** No description is longer. */
    public static final int MAX_BYTES = 512;

    private static final byte[] MAGIC = {'Q', 'E', 'D', 'C', 'K', 'P', 'T'};
    private static final byte VERSION = 1;
    private static final int STATE_AT = 10;
    private static final int REST_BYTES = 56;

    private CheckpointCodec() {}

    public static byte[] encode(CheckpointDescription description) {
        byte[] state = FoldStateCodec.encode(description.state());
        ByteBuffer out = ByteBuffer.allocate(STATE_AT + state.length + REST_BYTES)
                .put(MAGIC)
                .put(VERSION)
                .putShort((short) state.length)
                .put(state)
                .putLong(description.content().fileLengthBytes());
        description.content().sum().write(out);
        out.putLong(description.storedBytes()).putLong(description.madeMicros());
        DigestAlgorithm.XXH3_128.of(out.array(), 0, out.position()).write(out);
        return out.array();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @param what it describes, for people
     */
    public static CheckpointDescription decode(byte[] bytes, String what) throws CheckpointException {
        if (bytes.length < STATE_AT + REST_BYTES
                || bytes.length > MAX_BYTES
                || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw damaged(what, "its " + bytes.length + " bytes are none");
        }
        if (bytes[MAGIC.length] != VERSION) {
            throw new CheckpointException.OtherVersion(what + " is of version " + bytes[MAGIC.length] + ", expected "
                    + VERSION + "; run the version of qedstore that wrote it, or a newer one");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).position(MAGIC.length + 1);
        int stateBytes = Short.toUnsignedInt(in.getShort());
        if (bytes.length != STATE_AT + stateBytes + REST_BYTES) {
            throw damaged(what, bytes.length + " bytes, expected " + (STATE_AT + stateBytes + REST_BYTES));
        }
        int summed = bytes.length - Digest.BYTES;
        Digest expected = Digest.read(ByteBuffer.wrap(bytes, summed, Digest.BYTES));
        if (!DigestAlgorithm.XXH3_128.of(bytes, 0, summed).equals(expected)) {
            throw damaged(what, "its checksum is wrong");
        }
        byte[] stored = new byte[stateBytes];
        in.get(stored);
        try {
            FoldState state = FoldStateCodec.decode(stored);
            ContentDigest content = new ContentDigest(state.sequence(), in.getLong(), Digest.read(in));
            return new CheckpointDescription(state, content, in.getLong(), in.getLong());
        } catch (FoldStateException.OtherVersion e) {
            throw new CheckpointException.OtherVersion(what + " has " + e.getMessage());
        } catch (FoldStateException | IllegalArgumentException e) {
            throw damaged(what, String.valueOf(e.getMessage()));
        }
    }

    private static CheckpointException.Damaged damaged(String what, String why) {
        return new CheckpointException.Damaged("the description of " + what + " is damaged: " + why);
    }
}
