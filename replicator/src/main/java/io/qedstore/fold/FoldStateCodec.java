package io.qedstore.fold;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Epoch;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * A place in an image's log as bytes, wherever it is stored. All numbers are big-endian:
 *
 * <pre>
 *  at  bytes
 *   0    1   version, 2
 *   1   16   topic id
 *  17   16   image id
 *  33   16   lineage id
 *  49    8   offset of the next record
 *  57    4   leader epoch of the record before it, or -1
 *  61    8   sequence
 *  69   16   digest
 *  85    8   epoch
 *  93    1   the epoch: 0 free, 1 open, 2 broken
 *  94    8   highest time of an event, in microseconds since 1970
 * 102    1   digest algorithm: 0 none yet, 1 XXH3-128, 2 SHA-256
 * 103    4   the owner's lease, in milliseconds
 * 107    4   the lease that an owner before may hold
 * 111    8   offset of the last event's record, 0 before the first
 * 119   16   id of the claims of whoever opened the epoch
 * 135    1   length n of the name of the node that opened the epoch, 0 if none was
 * 136    n   that name, in ASCII
 * </pre>
 *
 * <p>Version 1 has no such id; it is read as one that no owner has.
 */
public final class FoldStateCodec {
    private static final int FIXED_BYTES = 136;

    private static final byte VERSION = 2;
    private static final byte WITHOUT_TENURE = 1;
    private static final int TENURE_BYTES = 16;

    private FoldStateCodec() {}

    public static byte[] encode(FoldState state) {
        byte[] node = state.ownership()
                .node()
                .map(id -> id.value().getBytes(StandardCharsets.US_ASCII))
                .orElse(new byte[0]);
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + node.length).put(VERSION);
        put(out, state.topicId().value());
        put(out, state.image().value());
        put(out, state.lineage().value());
        out.putLong(state.position().nextOffset())
                .putInt(state.position().leaderEpoch().orElse(-1))
                .putLong(state.sequence().value());
        state.digest().write(out);
        out.putLong(state.epoch().value())
                .put(code(state.epochStatus()))
                .putLong(state.timeMicros())
                .put(state.algorithm().map(FoldStateCodec::code).orElse((byte) 0))
                .putInt((int) state.ownership().lease().toMillis())
                .putInt((int) state.ownership().othersLease().toMillis())
                .putLong(state.eventOffset());
        put(out, state.ownership().tenure());
        return out.put((byte) node.length).put(node).array();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws FoldStateException.OtherVersion if it begins with another version's number
     * @throws FoldStateException.Corrupt if it has another length than it says, or a value in it makes no sense
     */
    public static FoldState decode(byte[] bytes) throws FoldStateException {
        boolean hasTenure = bytes.length == 0 || bytes[0] != WITHOUT_TENURE;
        if (bytes.length > 0 && bytes[0] != VERSION && hasTenure) {
            throw new FoldStateException.OtherVersion("a stored position of version " + (bytes[0] & 0xff)
                    + ", expected " + VERSION + ": run the version of qedstore that wrote it, or a newer one");
        }
        int fixed = hasTenure ? FIXED_BYTES : FIXED_BYTES - TENURE_BYTES;
        int expected = fixed + (bytes.length < fixed ? 0 : Byte.toUnsignedInt(bytes[fixed - 1]));
        if (bytes.length != expected) {
            throw new FoldStateException.Corrupt(
                    "a stored position of " + bytes.length + " bytes, expected " + expected);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        try {
            TopicId topicId = new TopicId(uuid(in));
            ImageId image = new ImageId(uuid(in));
            LineageId lineage = new LineageId(uuid(in));
            LogPosition position = new LogPosition(in.getLong(), leaderEpoch(in.getInt()));
            Sequence sequence = new Sequence(in.getLong());
            Digest digest = Digest.read(in);
            Epoch epoch = new Epoch(in.getLong());
            EpochStatus epochStatus = epochStatus(in.get());
            long timeMicros = in.getLong();
            if (timeMicros < 0) {
                throw new IllegalArgumentException("time " + timeMicros + " is negative");
            }
            Optional<DigestAlgorithm> algorithm = algorithm(in.get());
            if (algorithm.isEmpty() != sequence.equals(Sequence.NONE)) {
                throw new IllegalArgumentException("sequence " + sequence + " with digest algorithm " + algorithm);
            }
            Duration lease = Duration.ofMillis(in.getInt());
            Duration othersLease = Duration.ofMillis(in.getInt());
            long eventOffset = in.getLong();
            if (eventOffset < 0) {
                throw new IllegalArgumentException("event offset " + eventOffset + " is negative");
            }
            UUID tenure = hasTenure ? uuid(in) : Ownership.NONE.tenure();
            Ownership ownership = new Ownership(epoch, epochStatus, node(in), tenure, lease, othersLease);
            return new FoldState(
                    image, lineage, topicId, position, sequence, digest, eventOffset, ownership, timeMicros, algorithm);
        } catch (IllegalArgumentException e) {
            throw new FoldStateException.Corrupt("a stored position that is none: " + e.getMessage());
        }
    }

    private static Optional<NodeId> node(ByteBuffer in) {
        byte[] name = new byte[Byte.toUnsignedInt(in.get())];
        in.get(name);
        return name.length == 0
                ? Optional.empty()
                : Optional.of(new NodeId(new String(name, StandardCharsets.US_ASCII)));
    }

    private static OptionalInt leaderEpoch(int value) {
        if (value < -1) {
            throw new IllegalArgumentException("leader epoch " + value + " is negative");
        }
        return value == -1 ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static byte code(EpochStatus status) {
        return switch (status) {
            case FREE -> 0;
            case OPEN -> 1;
            case BROKEN -> 2;
        };
    }

    private static EpochStatus epochStatus(byte code) {
        return switch (code) {
            case 0 -> EpochStatus.FREE;
            case 1 -> EpochStatus.OPEN;
            case 2 -> EpochStatus.BROKEN;
            default -> throw new IllegalArgumentException("epoch status " + code + ", expected 0 to 2");
        };
    }

    private static byte code(DigestAlgorithm algorithm) {
        return switch (algorithm) {
            case XXH3_128 -> 1;
            case SHA_256 -> 2;
        };
    }

    private static Optional<DigestAlgorithm> algorithm(byte code) {
        return switch (code) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(DigestAlgorithm.XXH3_128);
            case 2 -> Optional.of(DigestAlgorithm.SHA_256);
            default -> throw new IllegalArgumentException("digest algorithm " + code + ", expected 0 to 2");
        };
    }

    private static void put(ByteBuffer out, UUID id) {
        out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static UUID uuid(ByteBuffer in) {
        return new UUID(in.getLong(), in.getLong());
    }
}
