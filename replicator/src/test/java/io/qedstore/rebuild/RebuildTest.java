package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.content.ContentScan;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.log.EventLog;
import io.qedstore.log.ForwardingLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any point of any history, from the log, from checkpoints, and after kills.
 *
 * <p>Turns red when a checkpoint behind the point is taken, or when events behind the first one that is later than a time count
 * because their own times are not.
 */
class RebuildTest {
    private static final int HISTORIES = 200;
    private static final int KILLED_HISTORIES = 50;
    private static final int OPERATIONS = 20;

    /** Some events in bytes. */
    private static final int SMALL_GROUP = 20_000;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final NodeId HOLDER = new NodeId("node-1");

    @TempDir
    Path folder = Path.of("");

    private int files;

    /** As a kill does, it leaves all as it is. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Test
    void anySequenceOfAnyHistoryIsTheFileThatItsEventsMake() {
        Seeds.forEach(HISTORIES, seed -> {
            Random random = new Random(seed);
            HistoryLog log = new HistoryLog(random, OPERATIONS);
            List<CheckpointStore> stores = checkpoints(log, random);
            long sequence = 1L + random.nextInt((int) log.last());
            assertMade(log, sequence, rebuild(log, stores, new Sequence(sequence)));
        });
    }

    @Test
    void timesSnapshotsAndFlushesAreFoundWhateverTheOwnersClocksDid() {
        Seeds.forEach(HISTORIES, seed -> {
            Random random = new Random(seed);
            HistoryLog log = new HistoryLog(random, OPERATIONS);
            List<CheckpointStore> stores = checkpoints(log, random);
            PointResolver resolver = new PointResolver(source(log, stores));
            int any = random.nextInt((int) log.last());
            long time = log.times.get(any) + random.nextInt(3) - 1;
            Point at = new Point.AtTime(Instant.EPOCH.plus(time, ChronoUnit.MICROS));
            long expected = log.lastAt(time);
            if (expected == 0) {
                assertThatThrownBy(() -> resolver.resolve(at, NOW))
                        .isInstanceOf(PointException.class)
                        .hasMessageContaining("no event at");
            } else {
                assertThat(resolver.resolve(at, NOW)).isEqualTo(new Sequence(expected));
            }
            log.snapshot("here", any + 1L);
            assertThat(resolver.resolve(Point.parse("snapshot:here"), NOW)).isEqualTo(new Sequence(any + 1L));
            assertThat(resolver.resolve(Point.parse("latest"), NOW)).isEqualTo(new Sequence(log.last()));
            assertThat(resolver.end(Point.parse("latest"), NOW)).isEqualTo(Rebuild.END);
            assertThat(resolver.end(Point.parse("snapshot:here"), NOW)).isEqualTo(new Sequence(any + 1L));
            long flush = log.flushAtOrBefore(any + 1L);
            if (flush == 0) {
                assertThatThrownBy(() -> resolver.flushPoint(new Sequence(any + 1L)))
                        .isInstanceOf(PointException.class)
                        .hasMessageContaining("no flush");
            } else {
                assertThat(resolver.flushPoint(new Sequence(any + 1L))).isEqualTo(new Sequence(flush));
            }
        });
    }

    /** Deliberate bug: the log is read once to find out which event is the last, and then once more. */
    @Test
    void theLatestIsMadeInOneWayThroughTheLog() {
        Seeds.forEach(HISTORIES, seed -> {
            Random random = new Random(seed);
            HistoryLog log = new HistoryLog(random, OPERATIONS);
            Path target = target();
            Rebuild.Rebuilt made = new Rebuild(source(log, List.of()), target, RebuildWatcher.NONE).upTo(Rebuild.END);
            assertThat(log.handedOut()).isEqualTo(log.endOffset());
            assertMade(log, log.last(), new Made(target, made));
        });
    }

    @Test
    void aLogWithoutEventsHasNoLatest() throws IOException {
        HistoryLog log = new HistoryLog(new Random(11), 3);
        EventLog empty = new ForwardingLog(log) {
            @Override
            public long endOffset() {
                return 0;
            }

            @Override
            public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
                callback.read(new LogBatch(List.of(), 0));
            }
        };
        RebuildSource source = new RebuildSource(log.image, log.index, empty, List.of(), PATIENCE);
        Path target = target();
        assertThatThrownBy(() -> new Rebuild(source, target, RebuildWatcher.NONE).upTo(Rebuild.END))
                .isInstanceOf(PointException.class)
                .hasMessageContaining("has no event at latest or before");
        assertThat(target).doesNotExist();
        assertThat(leftovers(target)).isEmpty();
    }

    /** Killed again and again, at any step; in the end the file is whole, and nothing else is there. */
    @Test
    void aRebuildThatWasKilledGoesOnWhereverThatWas() {
        Seeds.forEach(KILLED_HISTORIES, seed -> {
            Random random = new Random(seed);
            HistoryLog log = new HistoryLog(random, OPERATIONS);
            List<CheckpointStore> stores = checkpoints(log, random);
            boolean isLatest = random.nextBoolean();
            long sequence = isLatest ? log.last() : 1L + random.nextInt((int) log.last());
            Sequence last = isLatest ? Rebuild.END : new Sequence(sequence);
            Path target = target();
            Rebuild.Rebuilt made = null;
            int kills = 0;
            while (made == null) {
                int left = kills == 40 ? Integer.MAX_VALUE : random.nextInt(30);
                try {
                    made = new Rebuild(source(log, stores), target, new Killer(left), SMALL_GROUP).upTo(last);
                } catch (Killed e) {
                    kills++;
                } catch (FileAlreadyExistsException e) {
                    break; // it was killed behind its last step
                }
            }
            assertSame(log, sequence, target);
            assertThat(leftovers(target)).isEmpty();
        });
    }

    /** Deliberate bugs: what is left of a killed rebuild is taken for as much as the log has now; and for what the log has now. */
    @Test
    void whatTheLogHasLostSinceAKillIsNotInTheFile() {
        Seeds.forEach(KILLED_HISTORIES, seed -> {
            Random random = new Random(seed);
            HistoryLog log = new HistoryLog(random, OPERATIONS);
            LocalCheckpoints store = store();
            log.checkpoint(store, 2); // its events are not applied again
            RebuildSource source = source(log, List.of(store));
            Path target = target();
            killLatestAtEnd(source, target);
            int instead = random.nextBoolean() ? 0 : random.nextInt(2 * (int) log.last());
            long left = log.lose(1 + random.nextInt((int) log.last() - 2), instead);
            Rebuild.Rebuilt made = new Rebuild(source, target, RebuildWatcher.NONE).upTo(Rebuild.END);
            assertThat(made.state().sequence()).isEqualTo(new Sequence(left + instead));
            assertSame(log, left, target);
        });
    }

    /** Deliberate bug: the file is said to hold more than the log has, so that it is made anew after each kill. */
    @Test
    void oneOfTheLatestThatWasKilledGoesOnWithWhatIsThere() throws IOException {
        HistoryLog log = new HistoryLog(new Random(13), OPERATIONS);
        LocalCheckpoints store = store();
        log.checkpoint(store, 2);
        RebuildSource source = source(log, List.of(store));
        Path target = target();
        killLatestAtEnd(source, target);
        List<RebuildWatcher.Step> steps = new ArrayList<>();
        RebuildWatcher watcher = new RebuildWatcher() {
            @Override
            public void at(Step step, long sequence) {
                steps.add(step);
            }
        };
        Rebuild.Rebuilt made = new Rebuild(source, target, watcher).upTo(Rebuild.END);
        assertThat(steps).contains(RebuildWatcher.Step.APPLIED).doesNotContain(RebuildWatcher.Step.RESTORED);
        assertMade(log, log.last(), new Made(target, made));
    }

    private static void killLatestAtEnd(RebuildSource source, Path target) {
        KillerAt killer = new KillerAt(RebuildWatcher.Step.WHOLE);
        assertThatThrownBy(() -> new Rebuild(source, target, killer, SMALL_GROUP).upTo(Rebuild.END))
                .isInstanceOf(Killed.class);
    }

    /** @param when it is killed */
    private record KillerAt(Step when) implements RebuildWatcher {
        @Override
        public void at(Step step, long sequence) {
            if (step == when) {
                throw new Killed();
            }
        }
    }

    private static final class Killer implements RebuildWatcher {
        private int left;

        Killer(int left) {
            this.left = left;
        }

        @Override
        public void at(Step step, long sequence) {
            if (left-- == 0) {
                throw new Killed();
            }
        }
    }

    /** What was made before is not made again. */
    @Test
    void itGoesOnAndDoesNotBeginAnewAfterTheLogWasAway() throws IOException {
        HistoryLog log = new HistoryLog(new Random(3), 60);
        Path target = target();
        log.failFrom(log.last() / 2);
        long[] first = new long[1];
        assertThatThrownBy(() -> new Rebuild(
                                source(log, List.of()),
                                target,
                                new RebuildWatcher() {
                                    @Override
                                    public void at(Step step, long sequence) {
                                        first[0] = sequence;
                                    }
                                },
                                SMALL_GROUP)
                        .upTo(new Sequence(log.last())))
                .isInstanceOf(LogException.Unavailable.class);
        log.heal();
        Rebuild.Rebuilt made =
                new Rebuild(source(log, List.of()), target, RebuildWatcher.NONE).upTo(new Sequence(log.last()));
        assertThat(first[0]).isPositive();
        assertMade(log, log.last(), new Made(target, made));
    }

    @Test
    void whatIsLeftOfAnotherPointOrImageIsNotGoneOnWith() throws IOException {
        HistoryLog log = new HistoryLog(new Random(4), OPERATIONS);
        HistoryLog other = new HistoryLog(new Random(5), OPERATIONS);
        Path target = target();
        killAtEnd(log, target, log.last());
        Rebuild.Rebuilt made = new Rebuild(source(log, List.of()), target, RebuildWatcher.NONE).upTo(new Sequence(2));
        assertMade(log, 2, new Made(target, made));
        Path second = target();
        Files.write(second.resolveSibling(second.getFileName() + ".part"), new byte[100_000]);
        Files.write(second.resolveSibling(second.getFileName() + ".part.progress"), new byte[] {1, 2, 3});
        Rebuild.Rebuilt fresh =
                new Rebuild(source(other, List.of()), second, RebuildWatcher.NONE).upTo(new Sequence(other.last()));
        assertMade(other, other.last(), new Made(second, fresh));
    }

    private void killAtEnd(HistoryLog log, Path target, long sequence) {
        assertThatThrownBy(() -> new Rebuild(source(log, List.of()), target, new KillerAt(RebuildWatcher.Step.WHOLE))
                        .upTo(new Sequence(sequence)))
                .isInstanceOf(Killed.class);
    }

    @Test
    void aLogWhoseBeginningIsDeletedGoesOnFromACheckpoint() {
        Seeds.forEach(50, seed -> {
            Random random = new Random(seed);
            HistoryLog log = new HistoryLog(random, OPERATIONS);
            long kept = 1L + random.nextInt((int) log.last());
            LocalCheckpoints store = store();
            log.checkpoint(store, kept);
            log.deleteUpTo(kept);
            long sequence = kept + random.nextInt((int) (log.last() - kept + 1));
            assertMade(log, sequence, rebuild(log, List.of(store), new Sequence(sequence)));
        });
    }

    @Test
    void aCheckpointThatIsMissingIsNamed() throws IOException {
        HistoryLog log = new HistoryLog(new Random(6), OPERATIONS);
        log.deleteUpTo(5);
        assertThatThrownBy(() -> rebuild(log, List.of(), new Sequence(log.last())))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("no checkpoints are at hand");
        LocalCheckpoints store = store();
        log.checkpoint(store, 3);
        assertThatThrownBy(() -> rebuild(log, List.of(store), new Sequence(log.last())))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("no checkpoint in [" + store.place() + "] helps");
    }

    @Test
    void aCheckpointThatIsDamagedIsLeftOutAndAnOlderOneServes() throws IOException {
        HistoryLog log = new HistoryLog(new Random(7), OPERATIONS);
        LocalCheckpoints store = store();
        log.checkpoint(store, 4);
        CheckpointDescription newer = log.checkpoint(store, 9);
        Path image = Path.of(store.place())
                .resolve(newer.image().toString())
                .resolve(String.format("%020d", 9))
                .resolve("image.qed");
        byte[] bytes = Files.readAllBytes(image);
        bytes[bytes.length / 2] ^= 1;
        Files.write(image, bytes);
        assertMade(log, 12, rebuild(log, List.of(store), new Sequence(12)));
    }

    @Test
    void anEventThatIsNotThereYetIsNamedAndNothingIsMade() throws IOException {
        HistoryLog log = new HistoryLog(new Random(8), OPERATIONS);
        Path target = target();
        assertThatThrownBy(() -> new Rebuild(source(log, List.of()), target, RebuildWatcher.NONE)
                        .upTo(new Sequence(log.last() + 1)))
                .isInstanceOf(LogException.Truncated.class)
                .hasMessageContaining("ends at event " + log.last());
        assertThat(target).doesNotExist();
    }

    @Test
    void aFileThatIsThereIsLeftAlone() throws IOException {
        HistoryLog log = new HistoryLog(new Random(9), OPERATIONS);
        Path target = Files.write(target(), new byte[] {7});
        assertThatThrownBy(() -> new Rebuild(source(log, List.of()), target, RebuildWatcher.NONE).upTo(new Sequence(1)))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(target).hasBinaryContent(new byte[] {7});
    }

    @Test
    void theLargestNumberIsNoNameForTheLatest() throws IOException {
        PointResolver resolver = new PointResolver(source(new HistoryLog(new Random(12), 3), List.of()));
        assertThatThrownBy(() -> resolver.end(Point.parse("seq:" + Long.MAX_VALUE), NOW))
                .isInstanceOf(PointException.class)
                .hasMessageContaining("has no event " + Long.MAX_VALUE);
    }

    @Test
    void aTimeInTheFutureIsRefused() throws IOException {
        HistoryLog log = new HistoryLog(new Random(10), 3);
        PointResolver resolver = new PointResolver(source(log, List.of()));
        assertThatThrownBy(() -> resolver.resolve(new Point.AtTime(NOW.plusMillis(1)), NOW))
                .isInstanceOf(PointException.class)
                .hasMessageContaining("in the future");
    }

    // ---- what is used

    private record Made(Path file, Rebuild.Rebuilt rebuilt) {}

    private Path target() {
        return folder.resolve("made-" + files++ + ".qed");
    }

    private LocalCheckpoints store() {
        return new LocalCheckpoints(folder.resolve("checkpoints-" + files++), HOLDER);
    }

    private RebuildSource source(HistoryLog log, List<CheckpointStore> stores) {
        return new RebuildSource(log.image, log.index, log, stores, PATIENCE);
    }

    private Made rebuild(HistoryLog log, List<CheckpointStore> stores, Sequence sequence) throws IOException {
        Path target = target();
        return new Made(target, new Rebuild(source(log, stores), target, RebuildWatcher.NONE).upTo(sequence));
    }

    /** None, or some anywhere. */
    private List<CheckpointStore> checkpoints(HistoryLog log, Random random) throws IOException {
        LocalCheckpoints store = store();
        for (int count = random.nextInt(3); count > 0; count--) {
            log.checkpoint(store, 1L + random.nextInt((int) log.last()));
        }
        return List.of(store);
    }

    private void assertMade(HistoryLog log, long sequence, Made made) throws IOException {
        assertThat(made.rebuilt().state().sequence()).isEqualTo(new Sequence(sequence));
        assertSame(log, sequence, made.file());
        assertThat(leftovers(made.file())).isEmpty();
        MemoryImageFile expected = log.written.fileBehind(sequence);
        assertThat(made.rebuilt().content())
                .isEqualTo(new ContentDigest(
                        new Sequence(sequence),
                        expected.length(),
                        ContentScan.sum(expected, DigestAlgorithm.XXH3_128)));
    }

    private static void assertSame(HistoryLog log, long sequence, Path file) throws IOException {
        MemoryImageFile expected = log.written.fileBehind(sequence);
        try (ChannelImageFile found = ChannelImageFile.open(file, io.qedstore.qed.file.FileAccess.READ)) {
            assertThat(found.length()).isEqualTo(expected.length());
            assertThat(Files.readAllBytes(file)).isEqualTo(expected.toBytes());
        }
    }

    private static List<String> leftovers(Path target) throws IOException {
        String name = String.valueOf(target.getFileName());
        Path in = target.toAbsolutePath().getParent();
        assertThat(in).isNotNull();
        try (Stream<Path> files = Files.list(in)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(each -> each.startsWith(name) && !each.equals(name))
                    .toList();
        }
    }
}
