package io.qedstore.index.rocksdb;

import io.qedstore.digest.Digest;
import io.qedstore.event.Endpoint;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.CatalogPosition;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.CloneOf;
import io.qedstore.index.FlushPoint;
import io.qedstore.index.Snapshot;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/**
 * The values of format version 1. Each but the format's own begins with a byte, its version: 1. Numbers are big-endian; times
 * are in microseconds since 1970. Positions in a log are {@link io.qedstore.fold.FoldStateCodec}'s, and images are
 * {@link ImageValues}'.
 *
 * <pre>
 * format       4 the format version
 * catalog      1 | topic id 16 | next offset 8 | leader epoch 4, or -1
 * live         1 | count 4
 * node         1 | roles 1: 1 owner + 2 replica + 128 draining | understands 4 | announced 8 | API endpoint: length 1, text | NBD endpoint
 * name         1 | image id 16
 * placement    1
 * clone        1 | sequence 8
 * snapshot     1 | sequence 8 | time of the point 8 | created 8
 * checkpoint   1 | digest 16 | stored bytes 8 | made 8
 * flush point  1 | time of the point 8
 * time         1
 * </pre>
 *
 * <p>What reads them throws {@link IllegalArgumentException} or {@link java.nio.BufferUnderflowException} if they are none.
 */
final class Values {
    static final byte VERSION = 1;

    private static final int DRAINING = 1 << 7;

    /** What these keys stand for is in the keys. */
    static final byte[] PLACED_ON = {VERSION};

    static final byte[] TIME = {VERSION};

    private Values() {}

    static byte[] format(int version) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(version).array();
    }

    static int format(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        int version = in.getInt();
        return ended(in, version);
    }

    static byte[] catalog(CatalogPosition position) {
        return ids(ByteBuffer.allocate(29).put(VERSION), position.topicId().value())
                .putLong(position.position().nextOffset())
                .putInt(position.position().leaderEpoch().orElse(-1))
                .array();
    }

    static CatalogPosition catalog(byte[] value) {
        ByteBuffer in = open(value);
        TopicId topicId = new TopicId(id(in));
        long nextOffset = in.getLong();
        int leaderEpoch = in.getInt();
        return ended(
                in,
                new CatalogPosition(
                        topicId,
                        new LogPosition(
                                nextOffset, leaderEpoch < 0 ? OptionalInt.empty() : OptionalInt.of(leaderEpoch))));
    }

    static byte[] live(int count) {
        return ByteBuffer.allocate(5).put(VERSION).putInt(count).array();
    }

    static int live(byte[] value) {
        ByteBuffer in = open(value);
        return ended(in, in.getInt());
    }

    static byte[] name(ImageId image) {
        return ids(ByteBuffer.allocate(17).put(VERSION), image.value()).array();
    }

    static ImageId name(byte[] value) {
        ByteBuffer in = open(value);
        return ended(in, new ImageId(id(in)));
    }

    static byte[] node(CatalogNode node) {
        byte[] api = ascii(node.api().value());
        byte[] nbd = ascii(node.nbd().value());
        return ByteBuffer.allocate(15 + api.length + nbd.length)
                .put(VERSION)
                .put((byte) (roles(node.roles()) | (node.draining() ? DRAINING : 0)))
                .putInt(node.understands())
                .putLong(node.announcedMicros())
                .put((byte) api.length)
                .put(api)
                .put(nbd)
                .array();
    }

    static CatalogNode node(byte[] key, byte[] value) {
        ByteBuffer in = open(value);
        byte bits = in.get();
        Set<NodeRole> roles = roles((byte) (bits & ~DRAINING));
        boolean draining = (bits & DRAINING) != 0;
        int understands = in.getInt();
        long announcedMicros = in.getLong();
        Endpoint api = new Endpoint(ascii(in, Byte.toUnsignedInt(in.get())));
        Endpoint nbd = new Endpoint(ascii(in, in.remaining()));
        return new CatalogNode(new NodeId(Keys.text(key, 0)), roles, api, nbd, understands, draining, announcedMicros);
    }

    private static byte roles(Set<NodeRole> roles) {
        int bits = 0;
        for (NodeRole role : roles) {
            bits |= bit(role);
        }
        return (byte) bits;
    }

    private static Set<NodeRole> roles(byte bits) {
        Set<NodeRole> roles = EnumSet.noneOf(NodeRole.class);
        for (NodeRole role : NodeRole.values()) {
            if ((bits & bit(role)) != 0) {
                roles.add(role);
            }
        }
        if (roles.isEmpty() || roles(roles) != bits) {
            throw new IllegalArgumentException("roles " + bits + ", expected 1 to 3");
        }
        return roles;
    }

    private static int bit(NodeRole role) {
        return switch (role) {
            case OWNER -> 1;
            case REPLICA -> 2;
        };
    }

    static byte[] cloneOf(CloneOf clone) {
        return ByteBuffer.allocate(9)
                .put(VERSION)
                .putLong(clone.sequence().value())
                .array();
    }

    static CloneOf cloneOf(byte[] key, byte[] value) {
        ByteBuffer in = open(value);
        Sequence sequence = new Sequence(in.getLong());
        return ended(in, new CloneOf(new ImageId(Keys.id(key, 0)), new ImageId(Keys.id(key, Keys.ID_BYTES)), sequence));
    }

    static byte[] snapshot(Snapshot snapshot) {
        return ByteBuffer.allocate(25)
                .put(VERSION)
                .putLong(snapshot.sequence().value())
                .putLong(snapshot.pointTimeMicros())
                .putLong(snapshot.createdMicros())
                .array();
    }

    static Snapshot snapshot(byte[] key, byte[] value) {
        ByteBuffer in = open(value);
        Snapshot snapshot = new Snapshot(
                new ImageId(Keys.id(key, 0)),
                new SnapshotName(Keys.text(key, Keys.ID_BYTES)),
                new Sequence(in.getLong()),
                in.getLong(),
                in.getLong());
        return ended(in, snapshot);
    }

    static byte[] checkpoint(Checkpoint checkpoint) {
        ByteBuffer out = ByteBuffer.allocate(33).put(VERSION);
        checkpoint.digest().write(out);
        return out.putLong(checkpoint.storedBytes())
                .putLong(checkpoint.madeMicros())
                .array();
    }

    static Checkpoint checkpoint(byte[] key, byte[] value) {
        ByteBuffer in = open(value);
        Checkpoint checkpoint = new Checkpoint(
                new ImageId(Keys.id(key, 0)),
                new Sequence(Keys.number(key, Keys.ID_BYTES)),
                new NodeId(Keys.text(key, Keys.ID_BYTES + Long.BYTES)),
                Digest.read(in),
                in.getLong(),
                in.getLong());
        return ended(in, checkpoint);
    }

    static byte[] flushPoint(FlushPoint point) {
        return ByteBuffer.allocate(9).put(VERSION).putLong(point.timeMicros()).array();
    }

    static FlushPoint flushPoint(byte[] key, byte[] value) {
        ByteBuffer in = open(value);
        return ended(in, new FlushPoint(new Sequence(Keys.lastNumber(key)), in.getLong()));
    }

    // ---- parts

    static ByteBuffer open(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        byte version = in.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("a value of version " + version + ", expected " + VERSION);
        }
        return in;
    }

    static <T> T ended(ByteBuffer in, T value) {
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes too many");
        }
        return value;
    }

    static ByteBuffer ids(ByteBuffer out, UUID id) {
        return out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    static UUID id(ByteBuffer in) {
        return new UUID(in.getLong(), in.getLong());
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static String ascii(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new IllegalArgumentException("a text of " + length + " bytes, expected at most " + in.remaining());
        }
        byte[] text = new byte[length];
        in.get(text);
        return new String(text, StandardCharsets.US_ASCII);
    }
}
