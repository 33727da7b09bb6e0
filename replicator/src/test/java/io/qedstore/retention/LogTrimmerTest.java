package io.qedstore.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.Placement;
import io.qedstore.event.Retention;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.index.CloneOf;
import io.qedstore.index.Snapshot;
import io.qedstore.index.TestCatalog;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What goes of a history, and what never does.
 *
 * <p>Turns red when a floor does not look at pins, when one node's checkpoint is enough, when the log is cut at the later of two
 * checkpoints, or when it is cut before the floor is in the catalog.
 */
class LogTrimmerTest {
    private static final long DAY_MICROS = 86_400_000_000L;
    private static final Retention A_DAY = TrimRig.seconds(86_400);

    @TempDir
    Path folder = Path.of("");

    private int rigs;

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private TrimRig rig(long seed) throws IOException {
        return new TrimRig(new Random(seed), Files.createDirectories(folder.resolve("rig-" + rigs++)));
    }

    /** With checkpoints of the owner at the events 4 and 6 and of the other node at 5, older than a day. */
    private TrimRig rigWithOldCheckpoints() throws IOException {
        TrimRig rig = rig(1);
        rig.checkpoint(rig.own, 4);
        rig.checkpoint(rig.own, 6);
        rig.checkpoint(rig.others, 5);
        rig.nowMicros += 2 * DAY_MICROS;
        return rig;
    }

    @Test
    void withoutLimitsAllStays() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        assertThat(rig.trim()).isEmpty();
        assertThat(rig.floor()).isZero();
        assertThat(rig.log.startOffset()).isZero();
    }

    @Test
    void historyBeginsAtTheLaterAndTheLogAtTheEarlierOfTwoCheckpoints() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(A_DAY);
        assertThat(rig.trim()).isEmpty();
        assertThat(rig.floor()).isEqualTo(5);
        assertThat(rig.log.startOffset()).isEqualTo(rig.log.offsetOf(4) + 1);
        for (CheckpointStore store : List.of(rig.own, rig.others)) {
            assertThat(rig.rebuilt(store, 5)).isEqualTo(rig.log.bytesBehind(5));
            assertThat(rig.rebuilt(store, rig.log.last())).isEqualTo(rig.log.bytesBehind(rig.log.last()));
        }
    }

    @Test
    void whatIsNotOldEnoughStays() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(TrimRig.seconds(3 * 86_400));
        assertThat(rig.trim()).isEmpty();
        assertThat(rig.floor()).isZero();
    }

    /** Turns red where a checkpoint is as old as the clock of its node said, whatever it contains. */
    @Test
    void aNodeWhoseClockIsBehindMakesNothingOld() throws IOException {
        TrimRig rig = rig(1);
        long now = rig.log.timeOf(5) + DAY_MICROS / 2;
        rig.nowMicros = now - 20 * DAY_MICROS;
        rig.checkpoint(rig.own, 4);
        rig.checkpoint(rig.others, 5);
        rig.nowMicros = now;
        rig.keep(A_DAY);
        assertThat(rig.trim()).isEmpty();
        assertThat(rig.floor()).isZero();
        rig.nowMicros = rig.log.timeOf(5) + DAY_MICROS;
        assertThat(rig.trim()).isEmpty();
        assertThat(rig.floor()).isEqualTo(5);
    }

    @Test
    void soManyBytesOfTheEndStay() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        long behind = rig.log.bytesBetween(rig.log.offsetOf(5) + 1, rig.log.endOffset());
        rig.keep(TrimRig.bytes(behind + 1));
        rig.trim();
        assertThat(rig.floor()).isZero();
        rig.keep(TrimRig.bytes(behind));
        rig.trim();
        assertThat(rig.floor()).isEqualTo(5);
    }

    @Test
    void whatEitherLimitWantsIsKept() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(new Retention(OptionalLong.of(86_400), OptionalLong.of(1L << 40)));
        rig.trim();
        assertThat(rig.floor()).isZero();
        rig.keep(new Retention(OptionalLong.of(86_400_000), OptionalLong.of(1)));
        rig.trim();
        assertThat(rig.floor()).isZero();
    }

    @Test
    void oneNodesCheckpointsAreNotEnoughAndThatIsSaid() throws IOException {
        TrimRig rig = rig(1);
        rig.checkpoint(rig.own, 4);
        rig.nowMicros += 2 * DAY_MICROS;
        rig.keep(A_DAY);
        assertThat(rig.trim()).get().asString().contains("event 4 on node-1").contains("on two of its nodes");
        assertThat(rig.plan().held()).isPresent();
        assertThat(rig.floor()).isZero();
        assertThat(rig.log.startOffset()).isZero();
    }

    /** Turns red where a node's checkpoints count that may be lost with it. */
    @Test
    void whatLiesOnANodeThatDoesNotRunIsNotCountedOn() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(A_DAY);
        rig.away.add(TrimRig.OTHER);
        assertThat(rig.trim()).get().asString().contains("event 5 on node-2, which does not run");
        assertThat(rig.floor()).isZero();
        assertThat(rig.log.startOffset()).isZero();
        rig.away.clear();
        assertThat(rig.trim()).isEmpty();
        assertThat(rig.floor()).isEqualTo(5);
    }

    @Test
    void aStoreOfObjectsAloneIsEnoughIfAllOfTheCheckpointIsThere() throws IOException {
        TrimRig rig = rig(1);
        rig.checkpoint(rig.objects, 4);
        rig.nowMicros += 2 * DAY_MICROS;
        rig.keep(A_DAY);
        rig.objects.delete(rig.image().id(), new Sequence(4));
        rig.trimmer(true, TrimSteps.NONE).trim(rig.image(), new Sequence(rig.log.last()));
        assertThat(rig.floor()).isZero();
        rig.checkpoint(rig.objects, 5);
        rig.nowMicros += 2 * DAY_MICROS;
        rig.trimmer(true, TrimSteps.NONE).trim(rig.image(), new Sequence(rig.log.last()));
        assertThat(rig.floor()).isEqualTo(5);
        assertThat(rig.log.startOffset()).isEqualTo(rig.log.offsetOf(5) + 1);
        assertThat(rig.rebuilt(rig.objects, 7)).isEqualTo(rig.log.bytesBehind(7));
    }

    @Test
    void aNodeThatDoesNotHaveTheImageIsNotCountedOn() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(A_DAY);
        rig.decide(new CatalogEvent.ImagePlaced(rig.image().id(), new Placement(TrimRig.OWNER, List.of())));
        assertThat(rig.trim()).isPresent();
        assertThat(rig.floor()).isZero();
    }

    @Test
    void whatTheOwnersFileMayNeedAgainAfterACrashStays() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(A_DAY);
        assertThat(rig.trimmer(false, TrimSteps.NONE).trim(rig.image(), new Sequence(3)))
                .isEmpty();
        assertThat(rig.floor()).isZero();
    }

    @Test
    void aSnapshotAndACloneInTheTrashHoldTheirPoints() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(A_DAY);
        rig.snapshot("before", 3);
        rig.clone(7, 4);
        rig.decide(new CatalogEvent.ImageDeleted(TestCatalog.image(7)));
        assertThat(rig.trim()).isEmpty();
        assertThat(rig.floor()).isZero();
        assertThat(rig.plan().bounds())
                .contains(
                        new Bound(Bound.Kind.SNAPSHOT, "snapshot before", new Sequence(3)),
                        new Bound(Bound.Kind.CLONE, "clone clone-7 in the trash", new Sequence(4)));
        rig.decide(new CatalogEvent.SnapshotDeleted(rig.image().id(), new SnapshotName("before")));
        rig.trim();
        assertThat(rig.floor()).isZero();
        rig.decide(new CatalogEvent.ImagePurged(TestCatalog.image(7), 0));
        rig.trim();
        assertThat(rig.floor()).isEqualTo(5);
    }

    @Test
    void aPinThatComesRightBeforeTheFloorWins() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(A_DAY);
        rig.inBetween = Optional.of(
                new CatalogEvent.SnapshotCreated(rig.image().id(), new SnapshotName("faster"), new Sequence(2), 0));
        rig.trim();
        assertThat(rig.floor()).isZero();
        assertThat(rig.log.startOffset()).isZero();
    }

    /** The floor is there then, and the log stays whole for as long as it takes. */
    @Test
    void aCheckpointThatIsDroppedRightBeforeTheFloorIsNotCountedOn() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(A_DAY);
        rig.inBetween =
                Optional.of(new CatalogEvent.CheckpointDropped(rig.image().id(), TrimRig.OTHER, new Sequence(5)));
        rig.trim();
        assertThat(rig.log.startOffset()).isZero();
    }

    @Test
    void theDryRunSaysWhatGoes() throws IOException {
        TrimRig rig = rigWithOldCheckpoints();
        rig.keep(A_DAY);
        RetentionPlan.Going going = rig.plan().next().orElseThrow();
        long end = rig.log.offsetOf(4) + 1;
        assertThat(going)
                .isEqualTo(new RetentionPlan.Going(
                        new Sequence(5), new Sequence(1), new Sequence(4), 0, end, rig.log.bytesBetween(0, end)));
        assertThat(rig.floor()).isZero();
        assertThat(rig.log.startOffset()).isZero();
        rig.trim();
        assertThat(rig.plan().next()).isEmpty();
        rig.checkpoint(rig.own, 8);
        rig.checkpoint(rig.others, 8);
        rig.nowMicros += 2 * DAY_MICROS;
        going = rig.plan().next().orElseThrow();
        assertThat(going.firstEvent()).isEqualTo(new Sequence(5));
        assertThat(going.lastEvent()).isEqualTo(new Sequence(8));
        assertThat(going.bytes()).isEqualTo(rig.log.bytesBetween(end, going.toOffset()));
    }

    @Test
    void aKillBehindAnyStepIsGoneOnFrom() throws IOException {
        for (TrimSteps.Step last : TrimSteps.Step.values()) {
            TrimRig rig = rigWithOldCheckpoints();
            rig.keep(A_DAY);
            try {
                rig.trimmer(false, step -> {
                            if (step == last) {
                                throw new Killed();
                            }
                        })
                        .trim(rig.image(), new Sequence(rig.log.last()));
                throw new AssertionError("was not killed at " + last);
            } catch (Killed e) {
                assertThat(rig.log.startOffset() == 0 || rig.floor() == 5).isTrue();
            }
            rig.trim();
            assertThat(rig.floor()).isEqualTo(5);
            assertThat(rig.log.startOffset()).isEqualTo(rig.log.offsetOf(4) + 1);
        }
    }

    /** A node that keeps only the newest ones would never have one that is old enough. */
    @Test
    void checkpointsAreKeptAtWhichHistoryMayBeginNext() throws IOException {
        TrimRig rig = rig(2);
        rig.keep(TrimRig.seconds(5 * 86_400));
        long last = rig.log.last();
        for (long sequence = 1; sequence <= last; sequence++) {
            for (CheckpointStore store : List.of(rig.own, rig.others)) {
                rig.checkpoint(store, sequence);
                rig.keeper(store, KeepSteps.NONE).thin(rig.image(), true);
                assertThat(store.list(rig.image().id())).hasSizeLessThanOrEqualTo(8);
            }
            rig.nowMicros += DAY_MICROS;
            rig.trim();
        }
        assertThat(last).isGreaterThan(15);
        assertThat(rig.floor()).isBetween(last / 3, last - 4);
        assertThat(rig.log.startOffset()).isPositive();
    }

    /** Random histories, pins, checkpoints, clocks and kills: what a pin or a later point needs is on both nodes, always. */
    @Test
    void whateverHappensNoPointFromTheFloorOnIsLost() {
        int[] cuts = new int[1];
        Seeds.forEach(30, seed -> {
            Random random = new Random(seed);
            TrimRig rig = rig(seed);
            rig.keep(random.nextBoolean() ? A_DAY : TrimRig.bytes(1 + random.nextInt(20_000)));
            long made = 0;
            for (int round = 0; round < 30; round++) {
                int what = random.nextInt(8);
                try {
                    if (what < 3) {
                        made = Math.min(rig.log.last(), made + 1 + random.nextInt(2));
                        rig.checkpoint(random.nextBoolean() ? rig.own : rig.others, made);
                    } else if (what == 3) {
                        pinOrUnpin(rig, random);
                    } else if (what == 4) {
                        CheckpointStore store = random.nextBoolean() ? rig.own : rig.others;
                        rig.keeper(store, killer(random.nextInt(3))).thin(rig.image(), true);
                    } else {
                        rig.trimmer(false, trimKiller(random.nextInt(4))).trim(rig.image(), new Sequence(made));
                    }
                } catch (Killed e) {
                    rig.own.clean();
                    rig.others.clean();
                    rig.keeper(rig.own, KeepSteps.NONE).reconcile(rig.image().id());
                    rig.keeper(rig.others, KeepSteps.NONE).reconcile(rig.image().id());
                }
                rig.nowMicros += random.nextInt(3) * DAY_MICROS / 2;
                requireAllThere(rig, random);
            }
            cuts[0] += rig.log.startOffset() > 0 ? 1 : 0;
        });
        assertThat(cuts[0]).as("histories that were shortened").isPositive();
    }

    private static KeepSteps killer(int steps) {
        int[] left = {steps};
        return step -> {
            if (left[0]-- == 0) {
                throw new Killed();
            }
        };
    }

    private static TrimSteps trimKiller(int steps) {
        KeepSteps counted = killer(steps);
        return step -> counted.taken(KeepSteps.Step.DELETED);
    }

    private static void pinOrUnpin(TrimRig rig, Random random) throws IOException {
        List<Snapshot> snapshots = rig.index.snapshots(rig.image().id());
        if (!snapshots.isEmpty() && random.nextInt(3) > 0) {
            rig.decide(new CatalogEvent.SnapshotDeleted(
                    rig.image().id(), snapshots.get(0).name()));
            return;
        }
        long sequence = 1L + random.nextInt((int) rig.log.last());
        if (random.nextBoolean()) {
            rig.snapshot("s" + random.nextInt(5), sequence);
        } else {
            rig.clone(10 + random.nextInt(2), sequence);
        }
    }

    private static void requireAllThere(TrimRig rig, Random random) throws IOException {
        long floor = Math.max(1, rig.floor());
        for (Snapshot snapshot : rig.index.snapshots(rig.image().id())) {
            assertThat(snapshot.sequence().value()).isGreaterThanOrEqualTo(rig.floor());
        }
        for (CloneOf clone : rig.index.clones(rig.image().id())) {
            assertThat(clone.sequence().value()).isGreaterThanOrEqualTo(rig.floor());
        }
        if (rig.log.startOffset() == 0) {
            return;
        }
        for (long sequence : new long[] {floor, floor + random.nextInt((int) (rig.log.last() - floor) + 1)}) {
            byte[] expected = rig.log.bytesBehind(sequence);
            assertThat(rig.rebuilt(rig.own, sequence)).isEqualTo(expected);
            assertThat(rig.rebuilt(rig.others, sequence)).isEqualTo(expected);
        }
    }
}
