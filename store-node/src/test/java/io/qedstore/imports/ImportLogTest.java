package io.qedstore.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventCodec;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.LogRecord;
import io.qedstore.event.NodeId;
import io.qedstore.event.Operation;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ImportLogTest {
    private static final long SEED = new Random().nextLong();

    private final Random random = new Random(SEED);

    @Test
    void whatTheLogHoldsMakesTheFileByteForByte() throws Exception {
        for (ImageGeometry geometry : List.of(new ImageGeometry(4096, 2), new ImageGeometry(65536, 4))) {
            MemoryImageFile source = TestFiles.written(geometry, 8 << 20, random);
            source.write(source.length(), ByteBuffer.wrap(new byte[] {1, 2, 3})); // no whole block
            List<LogRecord> records = logged(source);

            MemoryImageFile made = new MemoryImageFile();
            apply(records, made);
            assertThat(TestFiles.bytes(made)).as("seed %d", SEED).isEqualTo(TestFiles.bytes(source));
            apply(records, made); // redo
            assertThat(TestFiles.bytes(made)).as("seed %d", SEED).isEqualTo(TestFiles.bytes(source));
        }
    }

    @Test
    void noPointBeforeTheLastIsAnImage() throws Exception {
        List<LogRecord> records = logged(TestFiles.written(new ImageGeometry(65536, 4), 64 << 20, random));
        MemoryImageFile made = new MemoryImageFile();
        List<LogRecord.Event> events = events(records);
        assertThat(events).hasSizeGreaterThan(2);
        for (LogRecord.Event event : events) {
            assertThat(HeaderReader.probe(made))
                    .as("before event %s", event.sequence())
                    .isFalse();
            for (QedChange change : event.body().changes()) {
                change.applyTo(made);
            }
        }
        assertThat(HeaderReader.probe(made)).isTrue();
    }

    @Test
    void theLogIsLetGoOfAndSaysThatItWasAnImport() throws Exception {
        List<LogRecord> records = logged(TestFiles.written(new ImageGeometry(4096, 2), 1 << 20, random));
        assertThat(records.get(0)).isInstanceOf(LogRecord.Claim.class);
        assertThat(records.get(records.size() - 1)).isInstanceOf(LogRecord.Release.class);
        assertThat(events(records).get(0).body().genesis()).contains(DigestAlgorithm.XXH3_128);
        assertThat(events(records)).allSatisfy(event -> assertThat(event.body().operations())
                .containsExactly(new Operation(Operation.Kind.IMPORT, 0, 1 << 20)));
    }

    @Test
    void eventsFitIntoTheLogAndHolesAreNotInIt() throws Exception {
        MemoryImageFile fragmented = new MemoryImageFile();
        byte[] block = new byte[4096];
        random.nextBytes(block);
        for (int i = 0; i < 2000; i++) {
            fragmented.write(i * 8192L, ByteBuffer.wrap(block));
        }
        fragmented.setLength(1L << 30);
        List<LogRecord> records = logged(fragmented);
        long bytes = 0;
        for (LogRecord record : records) {
            int length = EventCodec.encode(record).length;
            assertThat(length).isLessThan(LogOwner.MAX_EVENT_BYTES);
            bytes += length;
        }
        assertThat(bytes).isBetween(2000 * 4096L, 2100 * 4096L + records.size() * 256L);
    }

    @Test
    void aLogThatDoesNotAnswerIsGivenUpOnceTheNodeStops() throws Exception {
        MemoryImageFile source = TestFiles.written(new ImageGeometry(4096, 2), 1 << 20, random);
        try (PromptLog log = new PromptLog()) {
            log.stands = true;
            ImportLog into = into(log, true);
            assertThatThrownBy(() -> into.write(source, 1 << 20, DigestAlgorithm.XXH3_128, upTo -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("import it again");
        }
    }

    private static List<LogRecord> logged(MemoryImageFile source) throws Exception {
        try (PromptLog log = new PromptLog()) {
            List<Long> progress = new ArrayList<>();
            Sequence last = into(log, false).write(source, 1 << 20, DigestAlgorithm.XXH3_128, progress::add);
            assertThat(progress).isSorted().endsWith(source.length());
            List<LogRecord> records = new ArrayList<>();
            for (byte[] record : log.records()) {
                records.add(EventCodec.decode(ByteBuffer.wrap(record)));
            }
            List<LogRecord.Event> events = events(records);
            assertThat(events.get(events.size() - 1).sequence()).isEqualTo(last);
            return records;
        }
    }

    private static ImportLog into(PromptLog log, boolean isCancelled) {
        OwnerClock clock = new OwnerClock() {
            @Override
            public long wallMicros() {
                return 1_000_000;
            }

            @Override
            public long monotonicNanos() {
                return System.nanoTime();
            }
        };
        return new ImportLog(
                log,
                FoldState.start(ImageId.of(1, 2), LineageId.of(3, 4), log.topicId()),
                new OwnerSettings(new NodeId("one")),
                clock,
                UUID.randomUUID(),
                () -> isCancelled);
    }

    private static List<LogRecord.Event> events(List<LogRecord> records) {
        return records.stream()
                .filter(LogRecord.Event.class::isInstance)
                .map(LogRecord.Event.class::cast)
                .toList();
    }

    private static void apply(List<LogRecord> records, MemoryImageFile to) throws IOException {
        for (LogRecord.Event event : events(records)) {
            for (QedChange change : event.body().changes()) {
                change.applyTo(to);
            }
        }
    }
}
