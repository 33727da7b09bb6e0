package io.qedstore.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.hosting.ByteRate;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.EventLog;
import io.qedstore.log.ForwardingLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.rebuild.HistoryLog;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns red when the chain's end is not looked at. */
class LogVerificationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HistoryLog log;

    LogVerificationTest() throws IOException {
        log = new HistoryLog(new Random(21), 20);
    }

    private LogReport verify(EventLog of, Optional<FoldState> known, CatalogImage image, List<CheckpointStore> stores) {
        LogVerification verification = new LogVerification(
                () -> new LogVerification.Opened(new RebuildSource(image, log.index, of, stores, PATIENCE), known),
                new ByteRate(0, System::nanoTime),
                () -> {});
        verification.run();
        return verification.report();
    }

    private LogReport verify(EventLog of, Optional<FoldState> known) {
        return verify(of, known, log.image, List.of());
    }

    /** The log with one byte of a record changed. */
    private EventLog changed(long offset) {
        return new ForwardingLog(log) {
            @Override
            public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
                super.read(position, atEnd, new ReadCallback() {
                    @Override
                    public void read(LogBatch batch) {
                        callback.read(new LogBatch(
                                batch.records().stream()
                                        .map(record -> record.offset() == offset ? changed(record) : record)
                                        .toList(),
                                batch.endOffset()));
                    }

                    @Override
                    public void failed(LogException cause) {
                        callback.failed(cause);
                    }
                });
            }
        };
    }

    private static StoredRecord changed(StoredRecord record) {
        byte[] bytes = new byte[record.bytes().remaining()];
        record.bytes().duplicate().get(bytes);
        bytes[bytes.length - 1] ^= 1;
        return new StoredRecord(record.offset(), record.leaderEpoch(), ByteBuffer.wrap(bytes));
    }

    @Test
    void aWholeLogIsFollowedToItsEnd() throws IOException {
        FoldState end = log.behind(log.last());
        LogReport report = verify(log, Optional.of(end));
        assertThat(report.detail()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.OK);
        assertThat(report.from()).isZero();
        assertThat(report.sequence()).isEqualTo(log.last());
        assertThat(report.digest()).hasValue(end.digest());
        assertThat(report.doneRecords()).isEqualTo(log.endOffset()).isEqualTo(report.totalRecords());
        assertThat(report.contentDigests()).isPositive();
    }

    @Test
    void aChangedRecordIsNoticedByWhatComesBehindItOrByWhatACopyHas() throws IOException {
        long middle = log.offsetOf(log.last() / 2);
        LogReport alone = verify(changed(middle), Optional.empty());
        assertThat(alone.verdict()).isEqualTo(Verdict.DIFFERS);
        assertThat(alone.detail().orElseThrow()).contains("do not continue the chain");
        long last = log.offsetOf(log.last());
        LogReport beside = verify(changed(last), Optional.of(log.behind(log.last())));
        assertThat(beside.verdict()).isEqualTo(Verdict.DIFFERS);
        assertThat(beside.detail().orElseThrow()).containsAnyOf("the log was changed", "its chain ends at event");
    }

    @Test
    void whereTheBeginningIsGoneItSaysFromWhereItWasFollowed(@TempDir Path folder) throws IOException {
        LocalCheckpoints store = new LocalCheckpoints(folder, new NodeId("node-1"));
        log.checkpoint(store, 6);
        log.deleteBefore(log.behind(6).position().nextOffset());
        CatalogImage image = new CatalogImage(
                log.image.id(),
                log.image.lineage(),
                log.image.name(),
                log.image.life(),
                log.image.sizeBytes(),
                log.image.geometry(),
                log.image.digestAlgorithm(),
                Optional.empty(),
                log.image.settings(),
                log.image.placement(),
                new Sequence(6),
                1,
                1);
        LogReport report = verify(log, Optional.empty(), image, List.of(store));
        assertThat(report.verdict()).isEqualTo(Verdict.OK);
        assertThat(report.from()).isEqualTo(6);
        assertThat(report.sequence()).isEqualTo(log.last());
        LogReport without = verify(log, Optional.empty());
        assertThat(without.verdict()).isEqualTo(Verdict.UNVERIFIED);
        assertThat(without.detail().orElseThrow()).contains("does not reach back to its beginning");
    }
}
