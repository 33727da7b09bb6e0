package io.qedstore.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.history.HistoryEntry.Kind;
import io.qedstore.history.HistoryWindow.AtEvent;
import io.qedstore.history.HistoryWindow.AtTime;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.LogException;
import io.qedstore.qed.model.Seeds;
import io.qedstore.rebuild.HistoryLog;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Histories of several owners, with records that do not count, held against what is known of them without a fold.
 *
 * <p>Turns red when a page goes on from the record before the one that it ended with, or when records of an epoch that is over count
 * as events.
 */
class HistoryReaderTest {
    private static final int HISTORIES = 100;
    private static final int OPERATIONS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder = Path.of("");

    private static HistoryLog log(long seed) {
        try {
            return new HistoryLog(new Random(seed), OPERATIONS);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<HistoryEntry> all(
            HistoryLog log, FoldState from, HistoryWindow window, int limit, long maxBytes) throws IOException {
        HistoryReader reader = new HistoryReader(log, log.index, PATIENCE, maxBytes);
        List<HistoryEntry> entries = new ArrayList<>();
        Optional<FoldState> next = Optional.of(from);
        while (next.isPresent()) {
            HistoryPage page = reader.page(next.get(), window, limit);
            assertThat(page.entries()).hasSizeLessThan(limit + 3); // one record, and what belongs to it
            entries.addAll(page.entries());
            next = page.next();
        }
        return entries;
    }

    private static List<HistoryEntry> all(HistoryLog log, HistoryWindow window) throws IOException {
        return all(log, log.start(), window, 1_000_000, Long.MAX_VALUE);
    }

    private static List<Long> sequences(List<HistoryEntry> entries, Kind kind) {
        return entries.stream()
                .filter(entry -> entry.kind() == kind)
                .map(entry -> entry.sequence().value())
                .toList();
    }

    private static List<Long> range(long from, long to) {
        List<Long> numbers = new ArrayList<>();
        for (long number = from; number <= to; number++) {
            numbers.add(number);
        }
        return numbers;
    }

    private static HistoryWindow window(HistoryWindow.Edge from, HistoryWindow.Edge to) {
        return new HistoryWindow(Optional.of(from), Optional.of(to), Optional.empty());
    }

    @Test
    void eachEventIsToldOnceWithWhatIsKnownOfIt() {
        Seeds.forEach(HISTORIES, seed -> {
            HistoryLog log = log(seed);
            List<HistoryEntry> entries = all(log, HistoryWindow.ALL);
            assertThat(sequences(entries, Kind.EVENT)).isEqualTo(range(1, log.last()));
            for (HistoryEntry entry : entries) {
                long sequence = entry.sequence().value();
                if (entry.kind() == Kind.EVENT) {
                    assertThat(entry.timeMicros()).isEqualTo(log.timeOf(sequence));
                    assertThat(entry.offset()).hasValue(log.offsetOf(sequence));
                    assertThat(entry.bytes())
                            .isEqualTo(log.bytesBetween(log.offsetOf(sequence), log.offsetOf(sequence) + 1));
                    assertThat(entry.operations()).containsExactly(HistoryLog.operation(sequence));
                    assertThat(entry.node()).isPresent();
                }
            }
            List<Long> flushed = range(1, log.last() - 1).stream()
                    .filter(sequence -> log.isFlushedBefore(sequence + 1))
                    .toList();
            assertThat(sequences(entries, Kind.FLUSH)).isEqualTo(flushed);
            long offsets =
                    entries.stream().filter(entry -> entry.offset().isPresent()).count();
            assertThat(offsets).isEqualTo(log.endOffset()); // it has no leases that count
        });
    }

    @Test
    void ownersAreToldInTheirPlaces() {
        HistoryLog log = log(11);
        long epoch = 0;
        for (HistoryEntry entry : all(log)) {
            if (entry.kind() == Kind.CLAIM) {
                assertThat(entry.epoch().value()).isEqualTo(++epoch);
                assertThat(entry.node()).isPresent();
            } else if (entry.kind() == Kind.EVENT) {
                assertThat(entry.epoch().value()).isEqualTo(epoch);
            } else if (entry.kind() == Kind.VOID) {
                assertThat(entry.detail().orElseThrow()).containsAnyOf("duplicate", "other epoch");
            }
        }
        assertThat(epoch).isGreaterThan(1);
    }

    private static List<HistoryEntry> all(HistoryLog log) {
        try {
            return all(log, HistoryWindow.ALL);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void pagesOfAnySizeGiveTheSameAsOne() {
        Seeds.forEach(HISTORIES, seed -> {
            HistoryLog log = log(seed);
            Random random = new Random(seed);
            List<HistoryEntry> whole = all(log, HistoryWindow.ALL);
            assertThat(all(log, log.start(), HistoryWindow.ALL, 1 + random.nextInt(5), Long.MAX_VALUE))
                    .isEqualTo(whole);
            assertThat(all(log, log.start(), HistoryWindow.ALL, 1000, 1 + random.nextInt(2000)))
                    .isEqualTo(whole);
        });
    }

    @Test
    void aWindowBySequenceOrTimeHasItsEventsAndNoOthers() {
        Seeds.forEach(HISTORIES, seed -> {
            HistoryLog log = log(seed);
            Random random = new Random(seed);
            long from = 1L + random.nextInt((int) log.last());
            long to = from + random.nextInt((int) (log.last() - from + 1));
            List<HistoryEntry> some = all(log, window(new AtEvent(new Sequence(from)), new AtEvent(new Sequence(to))));
            assertThat(sequences(some, Kind.EVENT)).isEqualTo(range(from, to));
            assertThat(sequences(some, Kind.FLUSH)).allMatch(sequence -> sequence >= from && sequence <= to);
            List<HistoryEntry> timed = all(log, window(new AtTime(log.timeOf(from)), new AtTime(log.timeOf(to))));
            List<Long> expected = range(1, log.last()).stream()
                    .filter(sequence ->
                            log.timeOf(sequence) >= log.timeOf(from) && log.timeOf(sequence) <= log.timeOf(to))
                    .toList();
            assertThat(sequences(timed, Kind.EVENT)).isEqualTo(expected);
        });
    }

    @Test
    void aPartOfTheDiskHasTheEventsThatTouchIt() throws IOException {
        HistoryLog log = log(3);
        GuestRange range =
                new GuestRange(5 * 4096 + 511, 4096 - 510); // the last byte of event 5's, the first of event 6's
        List<HistoryEntry> entries =
                all(log, new HistoryWindow(Optional.empty(), Optional.empty(), Optional.of(range)));
        assertThat(sequences(entries, Kind.EVENT)).containsExactly(5L, 6L);
        assertThat(entries).hasSize(2);
        assertThatThrownBy(() -> new GuestRange(5, 0)).hasMessageContaining("at least 1 byte");
        assertThatThrownBy(() -> new GuestRange(2, Long.MAX_VALUE)).hasMessageContaining("at guest offset 2");
    }

    @Test
    void snapshotsStandBehindTheirEvents() throws IOException {
        HistoryLog log = log(3);
        log.snapshot("here", 4);
        List<HistoryEntry> entries = all(log, window(new AtEvent(new Sequence(4)), new AtEvent(new Sequence(4))));
        HistoryEntry snapshot = entries.stream()
                .filter(entry -> entry.kind() == Kind.SNAPSHOT)
                .findFirst()
                .orElseThrow();
        assertThat(snapshot.name()).hasValue("here");
        assertThat(entries.get(entries.indexOf(snapshot) - 1).kind()).isEqualTo(Kind.EVENT);
    }

    private CatalogImage withFloor(CatalogImage image, long floor) {
        return new CatalogImage(
                image.id(),
                image.lineage(),
                image.name(),
                image.life(),
                image.sizeBytes(),
                image.geometry(),
                image.digestAlgorithm(),
                Optional.empty(),
                image.settings(),
                image.placement(),
                new Sequence(floor),
                image.createdMicros(),
                image.lifeMicros());
    }

    @Test
    void whereTheBeginningIsGoneItSaysFromWhereItCanTell() throws IOException {
        HistoryLog log = log(5);
        LocalCheckpoints store = new LocalCheckpoints(folder, new NodeId("node-1"));
        for (long at : List.of(6L, 12L)) {
            log.checkpoint(store, at);
        }
        CatalogImage image = withFloor(log.image, 8);
        log.deleteBefore(log.behind(6).position().nextOffset());
        RebuildSource source = new RebuildSource(image, log.index, log, List.of(store), PATIENCE);

        HistoryBeginning whole = HistoryBeginning.find(source, HistoryWindow.ALL);
        assertThat(whole.entry().orElseThrow().sequence()).isEqualTo(new Sequence(6));
        assertThat(whole.entry().orElseThrow().detail()).hasValue("events up to 6 were given up");
        List<HistoryEntry> left = all(log, whole.place(), HistoryWindow.ALL, 1000, Long.MAX_VALUE);
        assertThat(sequences(left, Kind.EVENT)).isEqualTo(range(7, log.last()));

        HistoryWindow late = window(new AtEvent(new Sequence(14)), new AtEvent(new Sequence(15)));
        HistoryBeginning near = HistoryBeginning.find(source, late);
        assertThat(near).isEqualTo(new HistoryBeginning(log.behind(12), false));
        assertThat(sequences(all(log, near.place(), late, 1000, Long.MAX_VALUE), Kind.EVENT))
                .containsExactly(14L, 15L);

        HistoryWindow early = window(new AtEvent(new Sequence(2)), new AtEvent(new Sequence(7)));
        assertThat(HistoryBeginning.find(source, early)).isEqualTo(whole);

        RebuildSource none = new RebuildSource(image, log.index, log, List.of(), PATIENCE);
        FoldState start = HistoryBeginning.find(none, HistoryWindow.ALL).place();
        assertThatThrownBy(() -> all(log, start, HistoryWindow.ALL, 10, Long.MAX_VALUE))
                .isInstanceOf(LogException.Gap.class);
    }
}
