package io.qedstore.index.rocksdb;

import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * The keys of format version 2. Numbers are big-endian, so that keys sort as what they stand for; names are ASCII and end with
 * the key, or with a byte 0, which is in none of them. {@link Values} says what stands under them.
 *
 * <pre>
 * default      "format"                                            the format version
 *              "catalog"                                           how far the catalog is folded
 *              "live"                                              how many images live
 * images       image id 16                                         an image
 * names        name                                                the live image with that name
 * nodes        node id                                             a node, as it announced itself last
 * placements   node id | 0 | image id 16                           an image that is placed on the node
 * clones       base's id 16 | image id 16                          the sequence it lies over
 * snapshots    image id 16 | name                                  a snapshot
 * checkpoints  image id 16 | sequence 8 | holder                   a checkpoint
 * points       image id 16 | 0                                     how far the log is indexed: a fold state
 *              image id 16 | 1 | sequence 8                        a flush point
 *              image id 16 | 2 | sequence 8                        a place: a fold state
 *              image id 16 | 3 | time in microseconds 8 | sequence 8   where the place of that time is
 * progress     image id 16 | 1                                     how far the file is synced: a fold state
 *              image id 16 | 2                                     its ceiling: a fold state
 *              image id 16 | 3                                     the sum of the digests of its blocks there; the file's length
 *              image id 16 | 4                                     a copy that is being made: see SeedCodec
 * blocks       image id 16 | page 8                                the digests of 16 blocks at the synced place; none: all zeros
 * </pre>
 */
final class Keys {
    static final byte[] FORMAT = "format".getBytes(StandardCharsets.US_ASCII);
    static final byte[] CATALOG = "catalog".getBytes(StandardCharsets.US_ASCII);
    static final byte[] LIVE = "live".getBytes(StandardCharsets.US_ASCII);

    static final int ID_BYTES = 16;

    private static final byte INDEXED = 0;
    private static final byte FLUSH_POINT = 1;
    private static final byte PLACE = 2;
    private static final byte TIME = 3;

    private static final byte SYNCED = 1;
    private static final byte CEILING = 2;
    private static final byte SUM = 3;
    private static final byte SEED = 4;

    private Keys() {}

    static byte[] image(ImageId image) {
        return withId(image, 0).array();
    }

    static byte[] name(ImageName name) {
        return ascii(name.value());
    }

    static byte[] node(NodeId node) {
        return ascii(node.value());
    }

    /** What the keys of all images begin with that are placed on a node. */
    static byte[] placedOn(NodeId node) {
        byte[] value = ascii(node.value());
        return Arrays.copyOf(value, value.length + 1);
    }

    static byte[] placedOn(NodeId node, ImageId image) {
        byte[] prefix = placedOn(node);
        return ByteBuffer.allocate(prefix.length + ID_BYTES)
                .put(prefix)
                .put(image(image))
                .array();
    }

    static byte[] cloneOf(ImageId base, ImageId image) {
        return withId(base, ID_BYTES).put(image(image)).array();
    }

    static byte[] snapshot(ImageId image, SnapshotName name) {
        byte[] value = ascii(name.value());
        return withId(image, value.length).put(value).array();
    }

    static byte[] checkpoint(ImageId image, Sequence sequence, NodeId holder) {
        byte[] value = ascii(holder.value());
        return withId(image, Long.BYTES + value.length)
                .putLong(sequence.value())
                .put(value)
                .array();
    }

    static byte[] indexed(ImageId image) {
        return withId(image, 1).put(INDEXED).array();
    }

    static byte[] flushPoint(ImageId image, long sequence) {
        return withId(image, 1 + Long.BYTES).put(FLUSH_POINT).putLong(sequence).array();
    }

    static byte[] place(ImageId image, long sequence) {
        return withId(image, 1 + Long.BYTES).put(PLACE).putLong(sequence).array();
    }

    static byte[] time(ImageId image, long timeMicros, long sequence) {
        return withId(image, 1 + 2 * Long.BYTES)
                .put(TIME)
                .putLong(timeMicros)
                .putLong(sequence)
                .array();
    }

    static byte[] synced(ImageId image) {
        return withId(image, 1).put(SYNCED).array();
    }

    static byte[] ceiling(ImageId image) {
        return withId(image, 1).put(CEILING).array();
    }

    static byte[] sum(ImageId image) {
        return withId(image, 1).put(SUM).array();
    }

    static byte[] seed(ImageId image) {
        return withId(image, 1).put(SEED).array();
    }

    static byte[] blocks(ImageId image, long page) {
        return withId(image, Long.BYTES).putLong(page).array();
    }

    /** Behind all keys that begin with an image's id. */
    static byte[] endOf(ImageId image) {
        return withId(image, 1).put((byte) 0xff).array();
    }

    /** Directly behind a key. */
    static byte[] after(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    // ---- what keys say

    static UUID id(byte[] key, int at) {
        ByteBuffer in = ByteBuffer.wrap(key, at, ID_BYTES);
        return new UUID(in.getLong(), in.getLong());
    }

    static long number(byte[] key, int at) {
        return ByteBuffer.wrap(key, at, Long.BYTES).getLong();
    }

    /** The sequence at the end of the key of a flush point, of a place or of a time. */
    static long lastNumber(byte[] key) {
        return number(key, key.length - Long.BYTES);
    }

    static String text(byte[] key, int at) {
        return new String(key, at, key.length - at, StandardCharsets.US_ASCII);
    }

    private static ByteBuffer withId(ImageId image, int moreBytes) {
        return ByteBuffer.allocate(ID_BYTES + moreBytes)
                .putLong(image.value().getMostSignificantBits())
                .putLong(image.value().getLeastSignificantBits());
    }

    private static byte[] ascii(String value) {
        return value.getBytes(StandardCharsets.US_ASCII);
    }
}
