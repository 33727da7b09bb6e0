package io.qedstore.index.rocksdb;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Backing;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogPosition;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.CloneOf;
import io.qedstore.index.FlushPoint;
import io.qedstore.index.ImageLife;
import io.qedstore.index.Snapshot;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import io.qedstore.qed.format.ImageGeometry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * The values of format version 1. Each but the format's own begins with a byte, its version: 1. Numbers are big-endian; times
 * are in microseconds since 1970. Positions in a log are {@link io.qedstore.fold.FoldStateCodec}'s.
 *
 * <pre>
 * format       4 the format version
 * catalog      1 | topic id 16 | next offset 8 | leader epoch 4, or -1
 * image        1 | life 1: 0 live, 1 trashed, 2 purged | lineage id 16 | size 8 | cluster size 4 | table size 4
 *                | digest algorithm 1: 1 XXH3-128, 2 SHA-256 | floor 8 | created 8 | this life since 8
 *                | clone 1: 0, or 1 and then base's id 16, its lineage id 16, sequence 8 | name
 * name         1 | image id 16
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
    private static final byte VERSION = 1;

    /** What a time's key stands for is in the key. */
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

    static byte[] image(CatalogImage image) {
        byte[] name = image.name().value().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer out = ByteBuffer.allocate(60 + (image.backing().isPresent() ? 40 : 0) + name.length)
                .put(VERSION)
                .put(life(image.life()));
        ids(out, image.lineage().value())
                .putLong(image.sizeBytes())
                .putInt(image.geometry().clusterSize())
                .putInt(image.geometry().tableSize())
                .put(algorithm(image.digestAlgorithm()))
                .putLong(image.floor().value())
                .putLong(image.createdMicros())
                .putLong(image.lifeMicros())
                .put((byte) (image.backing().isPresent() ? 1 : 0));
        image.backing().ifPresent(backing -> {
            ids(out, backing.image().value());
            ids(out, backing.lineage().value()).putLong(backing.sequence().value());
        });
        return out.put(name).array();
    }

    static CatalogImage image(ImageId image, byte[] value) {
        ByteBuffer in = open(value);
        ImageLife life = life(in.get());
        LineageId lineage = new LineageId(id(in));
        long sizeBytes = in.getLong();
        ImageGeometry geometry = new ImageGeometry(in.getInt(), in.getInt());
        DigestAlgorithm algorithm = algorithm(in.get());
        Sequence floor = new Sequence(in.getLong());
        long createdMicros = in.getLong();
        long lifeMicros = in.getLong();
        Optional<Backing> backing =
                switch (in.get()) {
                    case 0 -> Optional.empty();
                    case 1 ->
                        Optional.of(
                                new Backing(new ImageId(id(in)), new LineageId(id(in)), new Sequence(in.getLong())));
                    default -> throw new IllegalArgumentException("a clone that is neither 0 nor 1");
                };
        byte[] name = new byte[in.remaining()];
        in.get(name);
        return new CatalogImage(
                image,
                lineage,
                new ImageName(new String(name, StandardCharsets.US_ASCII)),
                life,
                sizeBytes,
                geometry,
                algorithm,
                backing,
                floor,
                createdMicros,
                lifeMicros);
    }

    static byte[] name(ImageId image) {
        return ids(ByteBuffer.allocate(17).put(VERSION), image.value()).array();
    }

    static ImageId name(byte[] value) {
        ByteBuffer in = open(value);
        return ended(in, new ImageId(id(in)));
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

    private static ByteBuffer open(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        byte version = in.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("a value of version " + version + ", expected " + VERSION);
        }
        return in;
    }

    private static <T> T ended(ByteBuffer in, T value) {
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes too many");
        }
        return value;
    }

    private static ByteBuffer ids(ByteBuffer out, UUID id) {
        return out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static UUID id(ByteBuffer in) {
        return new UUID(in.getLong(), in.getLong());
    }

    private static byte life(ImageLife life) {
        return switch (life) {
            case LIVE -> 0;
            case TRASHED -> 1;
            case PURGED -> 2;
        };
    }

    private static ImageLife life(byte code) {
        return switch (code) {
            case 0 -> ImageLife.LIVE;
            case 1 -> ImageLife.TRASHED;
            case 2 -> ImageLife.PURGED;
            default -> throw new IllegalArgumentException("life " + code + ", expected 0 to 2");
        };
    }

    private static byte algorithm(DigestAlgorithm algorithm) {
        return switch (algorithm) {
            case XXH3_128 -> 1;
            case SHA_256 -> 2;
        };
    }

    private static DigestAlgorithm algorithm(byte code) {
        return switch (code) {
            case 1 -> DigestAlgorithm.XXH3_128;
            case 2 -> DigestAlgorithm.SHA_256;
            default -> throw new IllegalArgumentException("digest algorithm " + code + ", expected 1 or 2");
        };
    }
}
