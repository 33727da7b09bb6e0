package io.qedstore.event;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.LogRecord.Claim;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.LogRecord.Lease;
import io.qedstore.event.LogRecord.Release;
import io.qedstore.qed.change.EntryRun;
import io.qedstore.qed.change.QedChange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Records to test with. */
public final class Records {
    public static final ImageId IMAGE = ImageId.of(0x0123456789abcdefL, 0x0011223344556677L);
    public static final LineageId LINEAGE = LineageId.of(0xfedcba9876543210L, 0x8899aabbccddeeffL);

    private Records() {}

    public static RecordHead head(long epoch) {
        return new RecordHead(IMAGE, LINEAGE, new Epoch(epoch));
    }

    public static Claim claim(long epoch, long id) {
        return new Claim(head(epoch), new NodeId("node-1"), new UUID(epoch, id), 1_000_000 * epoch, 30_000);
    }

    public static Event event(long epoch, long sequence, Digest previous, QedChange... changes) {
        EventBody body = sequence == 1
                ? EventBody.first(DigestAlgorithm.XXH3_128, List.of(), List.of(changes))
                : EventBody.of(List.of(), List.of(changes));
        return new Event(head(epoch), new Sequence(sequence), previous, 1_000 * sequence, body);
    }

    public static QedChange.DataWritten data(long fileOffset, String text) {
        return new QedChange.DataWritten(fileOffset, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** One record of every kind, with every field set in one of them, by name: the golden ones. */
    static Map<String, LogRecord> ofAllKinds() {
        Map<String, LogRecord> records = new LinkedHashMap<>();
        records.put("claim", claim(1, 0xabcdef));
        records.put("lease", new Lease(head(2), 1_795_000_000_000_000L));
        records.put("release", new Release(head(3), 1_795_000_000_000_001L));
        Digest previous = new Digest(0x1111222233334444L, 0x5555666677778888L);
        List<QedChange> changes = List.of(
                new QedChange.FileLengthSet(0),
                new QedChange.HeaderWritten(ByteBuffer.wrap("QED\0header".getBytes(StandardCharsets.UTF_8))),
                new QedChange.L1EntrySet(4096, 0x30000),
                new QedChange.L2EntriesSet(0x30008, new EntryRun(3, 0x50000, 0x10000)),
                new QedChange.L2EntriesSet(0x30020, new EntryRun(2, 1, 0)),
                new QedChange.L2TableWritten(0x70000, 0x20000, 17, new EntryRun(1, 0x90000, 65536)),
                data(0x50000, "bytes of a cluster"),
                new QedChange.RangeZeroed(0x60000, 0x10000));
        records.put(
                "event",
                new Event(
                        head(7),
                        new Sequence(300),
                        previous,
                        1_795_000_000_123_456L,
                        new EventBody(
                                true,
                                List.of(
                                        new Operation(Operation.Kind.WRITE, 4096, 512),
                                        new Operation(Operation.Kind.NEED_CHECK_SET, 0, 0)),
                                Optional.of(new ContentDigest(new Sequence(299), 0x100000, new Digest(-1, 9))),
                                Optional.empty(),
                                changes,
                                Optional.empty())));
        for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
            records.put(
                    "first-" + algorithm,
                    new Event(
                            head(1),
                            new Sequence(1),
                            Digest.NONE,
                            1,
                            EventBody.first(
                                    algorithm,
                                    List.of(new Operation(Operation.Kind.CREATE, 0, 1L << 40)),
                                    List.of(new QedChange.FileLengthSet(0)))));
        }
        for (Operation.Kind kind : Operation.Kind.values()) {
            records.put(
                    "operation-" + kind,
                    new Event(
                            head(1),
                            new Sequence(2),
                            previous,
                            2,
                            EventBody.of(List.of(new Operation(kind, 512, 1024)), List.of())));
        }
        return records;
    }
}
