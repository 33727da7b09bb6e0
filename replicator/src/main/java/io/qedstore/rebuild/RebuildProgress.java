package io.qedstore.rebuild;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.NodeId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.FoldStateException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * How far a rebuild has certainly come, as it lies beside the file. All numbers are big-endian:
 *
 * <pre>
 *   at  bytes
 *    0    8   "QEDRBLD" and the version, 2
 *    8    1   1 restoring a checkpoint, 2 redoing the log
 *    9    8   restoring: from where to go on; redoing: the last event of which the file may hold anything
 *   17    2   length n of the fold state
 *   19    n   the fold state: the checkpoint's, or up to where the file has all
 *         1   length m of what follows
 *         m   restoring: the name of the checkpoint's holder, in ASCII; redoing: the digest of that last event
 *        16   XXH3-128 of all before
 * </pre>
 */
sealed interface RebuildProgress {
    /** A checkpoint is being restored. */
    record Restoring(FoldState state, NodeId holder, long next) implements RebuildProgress {}

    /**
     * The log is being redone: the file has all up to the state, and nothing above the ceiling.
     *
     * @param ceiling an event that the log had
     * @param digest of its record
     */
    record Redoing(FoldState state, long ceiling, Digest digest) implements RebuildProgress {
        /** The file has all up to a state, and nothing else. */
        static Redoing at(FoldState state) {
            return new Redoing(state, state.sequence().value(), state.digest());
        }
    }

    FoldState state();

    int MAX_BYTES = 1024;

    static byte[] encode(RebuildProgress progress) {
        byte[] state = FoldStateCodec.encode(progress.state());
        byte[] more = more(progress);
        ByteBuffer out = ByteBuffer.allocate(19 + state.length + 1 + more.length + Digest.BYTES)
                .put("QEDRBLD\2".getBytes(StandardCharsets.US_ASCII));
        if (progress instanceof Restoring restoring) {
            out.put((byte) 1).putLong(restoring.next());
        } else if (progress instanceof Redoing redoing) {
            out.put((byte) 2).putLong(redoing.ceiling());
        }
        out.putShort((short) state.length).put(state).put((byte) more.length).put(more);
        DigestAlgorithm.XXH3_128.of(out.array(), 0, out.position()).write(out);
        return out.array();
    }

    private static byte[] more(RebuildProgress progress) {
        if (progress instanceof Redoing redoing) {
            byte[] digest = new byte[Digest.BYTES];
            redoing.digest().write(ByteBuffer.wrap(digest));
            return digest;
        }
        return ((Restoring) progress).holder().value().getBytes(StandardCharsets.US_ASCII);
    }

    /** Empty if the bytes are none, whatever the reason: the rebuild begins anew then. */
    static Optional<RebuildProgress> decode(byte[] bytes) {
        int summed = bytes.length - Digest.BYTES;
        if (summed < 20 || bytes.length > MAX_BYTES) {
            return Optional.empty();
        }
        byte[] magic = "QEDRBLD\2".getBytes(StandardCharsets.US_ASCII);
        boolean isOurs = Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length)
                && DigestAlgorithm.XXH3_128
                        .of(bytes, 0, summed)
                        .equals(Digest.read(ByteBuffer.wrap(bytes, summed, Digest.BYTES)));
        if (!isOurs) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, summed).position(magic.length);
        try {
            byte kind = in.get();
            long number = in.getLong();
            byte[] stored = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(stored);
            FoldState state = FoldStateCodec.decode(stored);
            byte[] more = new byte[Byte.toUnsignedInt(in.get())];
            in.get(more);
            return switch (kind) {
                case 1 ->
                    Optional.of(new Restoring(state, new NodeId(new String(more, StandardCharsets.US_ASCII)), number));
                case 2 -> Optional.of(new Redoing(state, number, Digest.read(ByteBuffer.wrap(more))));
                default -> Optional.empty();
            };
        } catch (FoldStateException | java.nio.BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
