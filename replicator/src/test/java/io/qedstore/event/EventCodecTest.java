package io.qedstore.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.management.ThreadMXBean;
import io.qedstore.digest.Digest;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.LogRecord.Unknown;
import io.qedstore.log.v1.EventProto;
import io.qedstore.qed.change.QedChange;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Records as bytes and back. */
class EventCodecTest {
    private static final String GOLDEN = "records-v1.golden";
    private static final UnknownFieldSet NEWER = UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();

    @Test
    void theBytesOfVersion1DecodeForEver() throws IOException {
        // Never change the golden file: logs are full of it.
        Map<String, LogRecord> records = Records.ofAllKinds();
        Map<String, String> golden = golden();
        assertThat(golden.keySet()).isEqualTo(records.keySet());
        for (Map.Entry<String, String> line : golden.entrySet()) {
            byte[] bytes = HexFormat.of().parseHex(line.getValue());
            assertThat(EventCodec.decode(ByteBuffer.wrap(bytes)))
                    .as(line.getKey())
                    .isEqualTo(records.get(line.getKey()));
            assertThat(HexFormat.of().formatHex(EventCodec.encode(Objects.requireNonNull(records.get(line.getKey())))))
                    .as(line.getKey())
                    .isEqualTo(line.getValue());
        }
    }

    @Test
    void theyAreWhatTheGeneratedClassesMakeOfTheSameMessage() throws IOException {
        for (Map.Entry<String, LogRecord> record : Records.ofAllKinds().entrySet()) {
            byte[] bytes = EventCodec.encode(record.getValue());
            assertThat(EventProto.LogRecord.parseFrom(bytes).toByteArray())
                    .as(record.getKey())
                    .isEqualTo(bytes);
        }
        for (QedChange.DataWritten data :
                List.of(Records.data(0, ""), Records.data(0, "x"), Records.data(1L << 40, ""))) {
            byte[] bytes = EventCodec.encode(Records.event(3, 2, Digest.NONE, data, data));
            assertThat(EventProto.LogRecord.parseFrom(bytes).toByteArray()).isEqualTo(bytes);
        }
    }

    private static Map<String, String> golden() throws IOException {
        try (var in = EventCodecTest.class.getResourceAsStream(GOLDEN)) {
            String text = new String(Objects.requireNonNull(in, GOLDEN).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .map(line -> line.split("=", 2))
                    .collect(Collectors.toMap(line -> line[0], line -> line[1], (a, b) -> b, LinkedHashMap::new));
        }
    }

    @Test
    void everyKindOfChangeHasItsMessage() {
        // Deliberate bug: a new change is forgotten here.
        assertThat(Records.ofAllKinds().values().stream()
                        .flatMap(
                                record -> record instanceof Event event ? event.body().changes().stream() : Stream.of())
                        .map(Object::getClass)
                        .collect(Collectors.toSet()))
                .isEqualTo(Set.of(QedChange.class.getPermittedSubclasses()));
    }

    @Test
    void whatANewerVersionSaysIsNoticedWhereverItSaysIt() throws IOException {
        // Deliberate bug: unknown fields are skipped, as protobuf does by itself.
        EventProto.LogRecord event = message("event");
        assertThat(understood(record(event, builder -> builder.setUnknownFields(NEWER))))
                .isFalse();
        assertThat(understood(inEvent(event, builder -> builder.setUnknownFields(NEWER))))
                .isFalse();
        assertThat(understood(inEvent(
                        event,
                        builder -> builder.addChanges(
                                EventProto.Change.newBuilder().setUnknownFields(NEWER)))))
                .isFalse();
        assertThat(understood(inEvent(event, builder -> builder.addChanges(EventProto.Change.newBuilder()))))
                .isFalse();
        for (int i = 0; i < event.getEvent().getChangesCount(); i++) {
            int index = i;
            assertThat(understood(inEvent(
                            event, builder -> builder.setChanges(index, newerInside(builder.getChanges(index))))))
                    .as("change %s", event.getEvent().getChanges(i).getChangeCase())
                    .isFalse();
        }
        for (String control : List.of("claim", "lease", "release")) {
            assertThat(understood(record(message(control), builder -> switch (builder.getBodyCase()) {
                        case CLAIM -> builder.setClaim(builder.getClaimBuilder().setUnknownFields(NEWER));
                        case LEASE -> builder.setLease(builder.getLeaseBuilder().setUnknownFields(NEWER));
                        default ->
                            builder.setRelease(builder.getReleaseBuilder().setUnknownFields(NEWER));
                    })))
                    .as(control)
                    .isFalse();
        }
        assertThat(understood(record(event, EventProto.LogRecord.Builder::clearBody)))
                .isFalse();
        assertThat(understood(event)).isTrue();
    }

    private static EventProto.Change newerInside(EventProto.Change change) {
        return switch (change.getChangeCase()) {
            case FILE_LENGTH_SET ->
                EventProto.Change.newBuilder()
                        .setFileLengthSet(change.getFileLengthSet().toBuilder().setUnknownFields(NEWER))
                        .build();
            case HEADER_WRITTEN ->
                EventProto.Change.newBuilder()
                        .setHeaderWritten(change.getHeaderWritten().toBuilder().setUnknownFields(NEWER))
                        .build();
            case L1_ENTRY_SET ->
                EventProto.Change.newBuilder()
                        .setL1EntrySet(change.getL1EntrySet().toBuilder().setUnknownFields(NEWER))
                        .build();
            case L2_ENTRIES_SET ->
                EventProto.Change.newBuilder()
                        .setL2EntriesSet(change.getL2EntriesSet().toBuilder()
                                .setEntries(change.getL2EntriesSet().getEntries().toBuilder()
                                        .setUnknownFields(NEWER)))
                        .build();
            case L2_TABLE_WRITTEN ->
                EventProto.Change.newBuilder()
                        .setL2TableWritten(
                                change.getL2TableWritten().toBuilder().setUnknownFields(NEWER))
                        .build();
            case DATA_WRITTEN ->
                EventProto.Change.newBuilder()
                        .setDataWritten(change.getDataWritten().toBuilder().setUnknownFields(NEWER))
                        .build();
            case RANGE_ZEROED ->
                EventProto.Change.newBuilder()
                        .setRangeZeroed(change.getRangeZeroed().toBuilder().setUnknownFields(NEWER))
                        .build();
            case CHANGE_NOT_SET -> throw new IllegalArgumentException("no change");
        };
    }

    private static EventProto.LogRecord message(String name) throws InvalidProtocolBufferException {
        return EventProto.LogRecord.parseFrom(
                EventCodec.encode(Objects.requireNonNull(Records.ofAllKinds().get(name))));
    }

    private static EventProto.LogRecord record(
            EventProto.LogRecord message, UnaryOperator<EventProto.LogRecord.Builder> change) {
        return change.apply(message.toBuilder()).build();
    }

    private static EventProto.LogRecord inEvent(
            EventProto.LogRecord message, UnaryOperator<EventProto.Event.Builder> change) {
        return message.toBuilder()
                .setEvent(change.apply(message.getEvent().toBuilder()))
                .build();
    }

    private static boolean understood(EventProto.LogRecord message) throws CorruptRecordException {
        LogRecord record = EventCodec.decode(ByteBuffer.wrap(message.toByteArray()));
        return !(record instanceof Unknown)
                && !(record instanceof Event event
                        && event.body().notUnderstood().isPresent());
    }

    @Test
    void nothingIsWrittenThatWasNotUnderstood() throws IOException {
        EventProto.LogRecord newer = inEvent(message("event"), builder -> builder.setUnknownFields(NEWER));
        LogRecord record = EventCodec.decode(ByteBuffer.wrap(newer.toByteArray()));
        assertThatThrownBy(() -> EventCodec.encode(record)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void recordsThatMakeNoSenseAreCorrupt() throws IOException {
        EventProto.LogRecord event = message("event");
        for (EventProto.LogRecord bad : List.of(
                record(event, builder -> builder.setImageId(ByteString.EMPTY)),
                record(event, builder -> builder.setLineageId(ByteString.copyFrom(new byte[17]))),
                record(event, builder -> builder.setEpoch(-1)),
                record(message("claim"), builder -> builder.setEpoch(0)),
                inEvent(event, builder -> builder.setSequence(0)),
                inEvent(event, builder -> builder.setSequence(-5)),
                inEvent(event, builder -> builder.setPreviousDigest(ByteString.EMPTY)),
                inEvent(event, builder -> builder.setTimeMicros(-1)))) {
            assertThatThrownBy(() -> EventCodec.decode(ByteBuffer.wrap(bad.toByteArray())))
                    .isInstanceOf(CorruptRecordException.class)
                    .hasMessageContaining("no record of an image's log");
        }
    }

    @Test
    void eventsWithPartsThatCannotBeAreEventsThatAreNotUnderstood() throws IOException {
        // Deliberate bug: they are junk, which is left out, though they may count.
        EventProto.LogRecord event = message("event");
        for (EventProto.LogRecord bad : List.of(
                inEvent(event, builder -> builder.setChanges(2, l1At(-8))),
                inEvent(event, builder -> builder.setChanges(2, l1At(Long.MAX_VALUE - 7))),
                inEvent(event, builder -> builder.setChanges(3, entries(0))),
                inEvent(event, builder -> builder.setChanges(3, entries(1 << 30))),
                inEvent(
                        event,
                        builder -> builder.addOperations(
                                EventProto.Operation.newBuilder().setGuestOffset(-1))),
                inEvent(
                        event,
                        builder -> builder.setContentDigest(
                                EventProto.ContentDigest.newBuilder().setSequence(1))))) {
            assertThat(understood(bad)).isFalse();
        }
    }

    @Test
    void whatIsSaidOfAnEventThatIsNotUnderstoodIsShort() throws IOException {
        EventProto.LogRecord senseless = inEvent(message("event"), builder -> {
            for (int i = 0; i < 10_000; i++) {
                builder.addChanges(EventProto.Change.getDefaultInstance());
            }
            return builder;
        });
        Event event = (Event) EventCodec.decode(ByteBuffer.wrap(senseless.toByteArray()));
        assertThat(event.body().notUnderstood().orElseThrow()).hasSizeLessThan(1000);
    }

    private static EventProto.Change l1At(long fileOffset) {
        return EventProto.Change.newBuilder()
                .setL1EntrySet(EventProto.L1EntrySet.newBuilder().setFileOffset(fileOffset))
                .build();
    }

    private static EventProto.Change entries(int count) {
        return EventProto.Change.newBuilder()
                .setL2EntriesSet(EventProto.L2EntriesSet.newBuilder()
                        .setEntries(EventProto.EntryRun.newBuilder().setCount(count)))
                .build();
    }

    @Test
    void damagedBytesAreCorruptOrARecordAndNothingElse() {
        List<byte[]> whole =
                Records.ofAllKinds().values().stream().map(EventCodec::encode).toList();
        Random random = new Random(1);
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = whole.get(random.nextInt(whole.size())).clone();
            for (int damage = random.nextInt(4); damage >= 0; damage--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            int from = random.nextInt(8) == 0 ? random.nextInt(bytes.length) : 0;
            try {
                EventCodec.decode(ByteBuffer.wrap(bytes, from, bytes.length - from));
            } catch (CorruptRecordException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void bytesOfDataAreCopiedOnceOnTheirWayInAndNotAtAllOnTheirWayOut() throws IOException {
        // Deliberate bug: ByteString.copyFrom.
        byte[] data = new byte[1 << 20];
        for (ByteBuffer buffer : List.of(
                ByteBuffer.wrap(data),
                ByteBuffer.allocateDirect(data.length),
                ByteBuffer.wrap(data).asReadOnlyBuffer())) {
            Event event = Records.event(1, 2, Digest.NONE, new QedChange.DataWritten(0, buffer));
            for (int i = 0; i < 20; i++) {
                EventCodec.encode(event);
            }
            long before = allocatedBytes();
            byte[] encoded = EventCodec.encode(event);
            assertThat(allocatedBytes() - before).isLessThan(data.length + 100_000L);
            LogRecord decoded = EventCodec.decode(ByteBuffer.wrap(encoded));
            encoded[encoded.length - 1] = 77;
            ByteBuffer seen =
                    ((QedChange.DataWritten) ((Event) decoded).body().changes().get(0)).data();
            assertThat(seen.get(data.length - 1))
                    .as("a part of the record's own bytes")
                    .isEqualTo((byte) 77);
        }
    }

    private static long allocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    @Test
    void aBodyKnowsHowLongItsEventCanBe() {
        for (LogRecord record : Records.ofAllKinds().values()) {
            if (record instanceof Event event) {
                assertThat((long) EventCodec.encode(event).length)
                        .isLessThanOrEqualTo(event.body().maxEncodedBytes());
            }
        }
    }
}
