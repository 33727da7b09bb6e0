package io.qedstore.index.rocksdb;

import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.FoldStateException;
import io.qedstore.fold.Seed;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * A copy that is being made, as bytes, big-endian: u64 next, u64 length, u16 length of the place that it certainly has, that place, and
 * the other place up to the end.
 */
final class SeedCodec {
    private SeedCodec() {}

    static byte[] encode(Seed seed) {
        byte[] from = FoldStateCodec.encode(seed.from());
        byte[] to = FoldStateCodec.encode(seed.to());
        return ByteBuffer.allocate(2 * Long.BYTES + Short.BYTES + from.length + to.length)
                .putLong(seed.next())
                .putLong(seed.lengthBytes())
                .putShort((short) from.length)
                .put(from)
                .put(to)
                .array();
    }

    static Seed decode(byte[] bytes) throws FoldStateException {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            long next = in.getLong();
            long length = in.getLong();
            byte[] from = new byte[in.getShort() & 0xffff];
            in.get(from);
            byte[] to = new byte[in.remaining()];
            in.get(to);
            FoldState first = FoldStateCodec.decode(from);
            return new Seed(first, FoldStateCodec.decode(to), next, length);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new FoldStateException.Corrupt(
                    "a copy that is being made cannot be read from " + bytes.length + " bytes: " + e);
        }
    }
}
