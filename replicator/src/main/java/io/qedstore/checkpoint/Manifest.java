package io.qedstore.checkpoint;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What a checkpoint in an object store consists of. As bytes, all numbers big-endian:
 *
 * <pre>
 *      at  bytes
 *       0    8   "QEDMANI" and the version, 1
 *       8    2   length n of the description
 *      10    n   the description, by CheckpointCodec
 *  10 + n    4   count of chunks
 *         36..   of each: length 4, SHA-256 32
 *     end   32   SHA-256 of all before
 * </pre>
 */
record Manifest(CheckpointDescription description, List<Chunk> chunks) {
    /** 8 TiB of data. */
    static final int MAX_CHUNKS = 1 << 20;

    private static final int CHUNK_BYTES = 36;
    private static final int SHA_BYTES = 32;
    private static final int HEAD_BYTES = 10;

    /** No manifest is longer. */
    static final int MAX_BYTES =
            HEAD_BYTES + CheckpointCodec.MAX_BYTES + Integer.BYTES + MAX_CHUNKS * CHUNK_BYTES + SHA_BYTES;

    private static final byte[] MAGIC = {'Q', 'E', 'D', 'M', 'A', 'N', 'I'};
    private static final byte VERSION = 1;

    /**
     * A chunk.
     *
     * @param sha256 in hexadecimal digits
     */
    record Chunk(int lengthBytes, String sha256) {
        /** What it is called within its checkpoint. */
        String name(int number) {
            return String.format(java.util.Locale.ROOT, "%08d-%s", number, sha256);
        }
    }

    Manifest {
        chunks = List.copyOf(chunks);
    }

    byte[] encode() {
        byte[] head = CheckpointCodec.encode(description);
        ByteBuffer out = ByteBuffer.allocate(
                        HEAD_BYTES + head.length + Integer.BYTES + chunks.size() * CHUNK_BYTES + SHA_BYTES)
                .put(MAGIC)
                .put(VERSION)
                .putShort((short) head.length)
                .put(head)
                .putInt(chunks.size());
        for (Chunk chunk : chunks) {
            out.putInt(chunk.lengthBytes()).put(HexFormat.of().parseHex(chunk.sha256()));
        }
        return out.put(sha256(out.array(), out.position())).array();
    }

    static Manifest decode(byte[] bytes, String what) throws CheckpointException {
        if (bytes.length < HEAD_BYTES + Integer.BYTES + SHA_BYTES
                || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw damaged(what, "its " + bytes.length + " bytes are none");
        }
        if (bytes[MAGIC.length] != VERSION) {
            throw new CheckpointException.OtherVersion("the manifest of " + what + " is of version "
                    + bytes[MAGIC.length] + ", expected " + VERSION
                    + "; run the version of qedstore that wrote it, or a newer one");
        }
        int summed = bytes.length - SHA_BYTES;
        if (!Arrays.equals(sha256(bytes, summed), Arrays.copyOfRange(bytes, summed, bytes.length))) {
            throw damaged(what, "its checksum is wrong");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, summed).position(MAGIC.length + 1);
        int headBytes = Short.toUnsignedInt(in.getShort());
        if (in.remaining() < headBytes + Integer.BYTES) {
            throw damaged(what, "a description of " + headBytes + " bytes does not fit in");
        }
        byte[] head = new byte[headBytes];
        in.get(head);
        CheckpointDescription description = CheckpointCodec.decode(head, what);
        int count = in.getInt();
        if (count < 0 || count > MAX_CHUNKS || in.remaining() != count * CHUNK_BYTES) {
            throw damaged(what, in.remaining() + " bytes for " + count + " chunks");
        }
        List<Chunk> chunks = new ArrayList<>(count);
        byte[] sha = new byte[SHA_BYTES];
        for (int i = 0; i < count; i++) {
            int length = in.getInt();
            if (length < 1 || length > ChunkCodec.MAX_BYTES) {
                throw damaged(what, "chunk " + i + " of " + length + " bytes");
            }
            in.get(sha);
            chunks.add(new Chunk(length, HexFormat.of().formatHex(sha)));
        }
        return new Manifest(description, chunks);
    }

    private static CheckpointException.Damaged damaged(String what, String why) {
        return new CheckpointException.Damaged("the manifest of " + what + " is damaged: " + why);
    }

    static Chunk chunk(byte[] bytes) {
        return new Chunk(bytes.length, HexFormat.of().formatHex(sha256(bytes, bytes.length)));
    }

    private static byte[] sha256(byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, 0, length);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
