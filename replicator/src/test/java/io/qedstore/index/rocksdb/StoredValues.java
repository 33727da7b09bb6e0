package io.qedstore.index.rocksdb;

import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.fold.FoldStateException;
import java.nio.BufferUnderflowException;
import java.util.List;
import java.util.function.Function;

/** The values in the index, as the fuzzer of stored bytes sees them. */
public final class StoredValues {
    private static final ImageId IMAGE = ImageId.of(1, 2);
    private static final byte[] NODE = Keys.node(new NodeId("node-1"));
    private static final byte[] SNAPSHOT = Keys.snapshot(IMAGE, new SnapshotName("daily"));
    private static final byte[] CHECKPOINT = Keys.checkpoint(IMAGE, new Sequence(3), new NodeId("node-1"));
    private static final byte[] FLUSH_POINT = Keys.flushPoint(IMAGE, 4);
    private static final byte[] CLONE = Keys.cloneOf(IMAGE, ImageId.of(3, 4));

    /** By the value's first byte; reads it, and writes what was read. */
    private static final List<Function<byte[], byte[]>> REWRITE = List.of(
            value -> ImageValues.encode(ImageValues.decode(IMAGE, value)),
            value -> Values.node(Values.node(NODE, value)),
            value -> Values.snapshot(Values.snapshot(SNAPSHOT, value)),
            value -> Values.checkpoint(Values.checkpoint(CHECKPOINT, value)),
            value -> Values.flushPoint(Values.flushPoint(FLUSH_POINT, value)),
            value -> Values.cloneOf(Values.cloneOf(CLONE, value)),
            value -> Values.catalog(Values.catalog(value)),
            value -> Values.live(Values.live(value)),
            value -> Values.name(Values.name(value)),
            value -> Values.format(Values.format(value)));

    private StoredValues() {}

    /**
     * @param kind of the value
     * @return what is written of it once it was read; empty if it makes no sense, by what is thrown then
     */
    public static byte[] rewritten(int kind, byte[] value) {
        try {
            return REWRITE.get(kind % REWRITE.size()).apply(value);
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            return new byte[0];
        }
    }

    /** The same of a copy that is being made. */
    public static byte[] rewrittenSeed(byte[] value) throws FoldStateException {
        return SeedCodec.encode(SeedCodec.decode(value));
    }
}
