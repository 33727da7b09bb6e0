package io.qedstore.owner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Epoch;
import io.qedstore.event.EventBody;
import io.qedstore.event.EventCodec;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.LogRecord;
import io.qedstore.event.NodeId;
import io.qedstore.event.RecordHead;
import io.qedstore.event.Records;
import io.qedstore.event.Sequence;
import io.qedstore.fold.EpochStatus;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldSink;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Turns in an owner's life that chance seldom brings. */
class LogOwnerTest {
    private static final ImageId IMAGE = ImageId.of(1, 2);
    private static final LineageId LINEAGE = LineageId.of(3, 4);
    private static final Duration LEASE = Duration.ofSeconds(30);

    private final ScriptedLog log = new ScriptedLog();
    private final List<String> said = new ArrayList<>();
    private long nowMicros = 1_000_000;
    private long ids;

    private final OwnerClock clock = new OwnerClock() {
        @Override
        public long wallMicros() {
            return nowMicros;
        }

        @Override
        public long monotonicNanos() {
            return nowMicros * 1000;
        }
    };

    private boolean hasRoom = true;

    private final OwnerListener listener = new OwnerListener() {
        @Override
        public void owned(FoldState state) {
            said.add("owned");
        }

        @Override
        public boolean hasRoom() {
            return hasRoom;
        }

        @Override
        public void waiting(LogException cause) {}

        @Override
        public void ended(OwnershipException cause) {
            said.add("ended " + cause.getClass().getSimpleName() + ": " + cause.getMessage());
        }
    };

    private FoldState start() {
        return FoldState.start(IMAGE, LINEAGE, log.topicId());
    }

    private LogOwner owner(String node, Duration lease, FoldSink sink) {
        return owner(node, lease, start(), sink);
    }

    private LogOwner owner(String node, Duration lease, FoldState from, FoldSink sink) {
        return new LogOwner(
                new OwnerSettings(new NodeId(node), lease, Duration.ofMillis(100)),
                log,
                FoldTip.of(from),
                clock,
                new UUID(0, ++ids),
                sink,
                listener);
    }

    /** An owner that has the image, and has written its first event. */
    private LogOwner owning() throws OwnershipException {
        LogOwner owner = owner("one", LEASE, (event, after) -> {});
        owner.take(LogOwner.Takeover.IF_FREE);
        log.answerReads();
        owner.append(first(DigestAlgorithm.XXH3_128), new Answer());
        return owner;
    }

    private static EventBody first(DigestAlgorithm algorithm) {
        return EventBody.first(algorithm, List.of(), List.of(Records.data(0, "first")));
    }

    private static EventBody body() {
        return EventBody.of(List.of(), List.of(Records.data(0, "more")));
    }

    /** What the log says, to whoever folds it from the beginning. */
    private FoldState folded() throws LogException {
        Fold fold = new Fold(start());
        for (int offset = 0; offset < log.records.size(); offset++) {
            fold.next(new StoredRecord(offset, OptionalInt.of(0), ByteBuffer.wrap(log.records.get(offset))));
        }
        return fold.state();
    }

    private void tick(LogOwner owner, int times) {
        for (int i = 0; i < times; i++) {
            nowMicros += 100_000;
            owner.tick();
            log.answerReads();
        }
    }

    /** What became of an event. */
    private static class Answer implements Acknowledgement {
        @Nullable
        Sequence acknowledged;

        @Nullable
        OwnershipException failed;

        @Override
        public void acknowledged(FoldState after) {
            acknowledged = after.sequence();
        }

        @Override
        public void failed(OwnershipException cause) {
            failed = cause;
        }
    }

    /** Deliberate bug: the next event is written in the place of the one that could not be. */
    @Test
    void anEventThatCannotBeMadeEndsItsOwnerAndLeavesItsPlaceEmpty() throws Exception {
        LogOwner owner = owning();
        nowMicros +=
                Duration.ofHours(7).toNanos() / 1000; // so long that the next one goes alone, and the others behind it
        log.hold(true);
        owner.append(body(), new Answer());
        owner.append(body(), new Answer());
        int before = log.records.size();
        log.breakNext();
        assertThatThrownBy(log::acknowledge).isInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(() -> owner.append(body(), new Answer())).isInstanceOf(OwnershipException.GivenUp.class);
        assertThat(said.get(said.size() - 1)).contains("GivenUp").contains("could not be written");
        assertThat(log.records).hasSize(before + 1);
        assertThat(log.held()).isZero();
    }

    @Test
    void onlyTheFirstEventNamesTheChain() throws Exception {
        LogOwner owner = owner("one", LEASE, (event, after) -> {});
        owner.take(LogOwner.Takeover.IF_FREE);
        log.answerReads();
        assertThatThrownBy(() -> owner.append(body(), new Answer())).isInstanceOf(IllegalArgumentException.class);
        Answer right = new Answer();
        assertThat(owner.append(first(DigestAlgorithm.SHA_256), right)).isEqualTo(new Sequence(1));
        assertThat(right.acknowledged).isEqualTo(new Sequence(1));
        assertThatThrownBy(() -> owner.append(first(DigestAlgorithm.XXH3_128), new Answer()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("event 2");
        Answer next = new Answer();
        owner.append(body(), next);
        assertThat(next.acknowledged).isEqualTo(folded().sequence());
    }

    @Test
    void anEventThatIsWrittenOutOfAnAcknowledgementHasItsOwnSequence() throws Exception {
        LogOwner owner = owning();
        Sequence[] inner = new Sequence[1];
        Sequence outer = owner.append(body(), new Answer() {
            @Override
            public void acknowledged(FoldState after) {
                super.acknowledged(after);
                try {
                    inner[0] = owner.append(body(), new Answer());
                } catch (OwnershipException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        assertThat(outer).isEqualTo(new Sequence(2));
        assertThat(inner[0]).isEqualTo(new Sequence(3));
    }

    @Test
    void callbacksThatThrowHarmNobodyElse() throws Exception {
        LogOwner owner = owning();
        Answer next = new Answer();
        owner.append(body(), new Answer() {
            @Override
            public void acknowledged(FoldState after) {
                throw new IllegalStateException("a bug");
            }
        });
        owner.append(body(), next);
        assertThat(next.acknowledged).isEqualTo(new Sequence(3));
        log.hold(true);
        Answer last = new Answer();
        owner.append(body(), new Answer() {
            @Override
            public void failed(OwnershipException cause) {
                throw new IllegalStateException("a bug");
            }
        });
        owner.append(body(), last);
        owner.giveUp("enough");
        assertThat(last.failed).isInstanceOf(OwnershipException.GivenUp.class);
        assertThat(said).last().asString().startsWith("ended GivenUp");
    }

    @Test
    void anOwnerWhoseFileMissedAnEventEnds() throws Exception {
        LogOwner owner = owner("one", LEASE, (event, after) -> {
            if (after.sequence().value() == 2) {
                throw new IllegalStateException("a bug");
            }
        });
        owner.take(LogOwner.Takeover.IF_FREE);
        log.answerReads();
        owner.append(first(DigestAlgorithm.XXH3_128), new Answer());
        owner.append(body(), new Answer());
        assertThat(said).last().asString().contains("GivenUp", "event 2 could not be handed on");
    }

    /** One owns the image as soon as another's lease is over, and not before. */
    private void requireWaiting(LogOwner taking, LogOwner old) {
        log.answerReads();
        while (old.holdsLease()) {
            assertThat(said).as("said before the lease is over").containsExactly("owned");
            tick(taking, 1);
        }
        tick(taking, 40);
        assertThat(said).containsExactly("owned", "owned");
    }

    @Test
    void aTakeoverByForceWaitsForTheLeaseThatTheOtherHas() throws Exception {
        // Deliberate bug: it waits for as long as its own would last.
        LogOwner old = owning();
        LogOwner next = owner("two", Duration.ofSeconds(3), (event, after) -> {});
        next.take(LogOwner.Takeover.FORCED);
        requireWaiting(next, old);
        assertThat(next.state().epochStatus()).isEqualTo(EpochStatus.OPEN);
    }

    // Deliberate bug: the lease is waited for from the claim on, whatever is known of the time before.
    @Test
    void whatWasSeenBeforeTheClaimCountsForTheLease() throws Exception {
        LogOwner old = owning();
        FoldState followed = folded();
        long readAtNanos = clock.monotonicNanos();
        nowMicros += LEASE.toNanos() / 1000 / 2;
        LogOwner next = owner("two", Duration.ofSeconds(1), followed, (event, after) -> {});
        next.takeFollowed(LogOwner.Takeover.FORCED, readAtNanos);
        long claimedMicros = nowMicros;
        requireWaiting(next, old);
        assertThat(nowMicros - claimedMicros)
                .as("half of the lease was over, 4 s of ticks are behind it")
                .isLessThan(LEASE.toNanos() / 1000 / 2 + 5_000_000);
    }

    // Deliberate bug: what came between what was followed and the claim is not looked at.
    @Test
    void whatCameBetweenWhatWasSeenAndTheClaimIsWaitedForFromTheClaimOn() throws Exception {
        LogOwner old = owning();
        FoldState followed = folded();
        long readAtNanos = clock.monotonicNanos();
        nowMicros += LEASE.toNanos() / 1000 / 2;
        old.append(body(), new Answer());
        LogOwner next = owner("two", Duration.ofSeconds(1), followed, (event, after) -> {});
        next.takeFollowed(LogOwner.Takeover.FORCED, readAtNanos);
        requireWaiting(next, old);
    }

    // Deliberate bug: a node waits for its own lease if it has not read the other's claim itself.
    @Test
    void theLeaseOfAnOwnerIsPartOfAStoredPosition() throws Exception {
        LogOwner old = owning();
        LogOwner next = owner("two", Duration.ofSeconds(1), folded(), (event, after) -> {});
        next.take(LogOwner.Takeover.FORCED);
        requireWaiting(next, old);
    }

    // Deliberate bug: who is said to be dead had been waiting for another's lease, and nobody waits for that any more.
    @Test
    void theLeaseThatADeadOneWasWaitingForIsWaitedFor() throws Exception {
        LogOwner old = owning();
        LogOwner dying = owner("two", Duration.ofSeconds(1), (event, after) -> {});
        dying.take(LogOwner.Takeover.FORCED);
        log.answerReads();
        LogOwner third = owner("three", Duration.ofSeconds(1), folded(), (event, after) -> {});
        third.take(LogOwner.Takeover.OTHER_IS_DEAD);
        requireWaiting(third, old);
    }

    @Test
    void whoeverIsSaidToBeDeadIsNotWaitedFor() throws Exception {
        owning();
        LogOwner next = owner("two", LEASE, folded(), (event, after) -> {});
        next.take(LogOwner.Takeover.OTHER_IS_DEAD);
        log.answerReads();
        assertThat(said).containsExactly("owned", "owned");
    }

    // Deliberate bug: the lease of the node's own last epoch but one counts as another's, so that two crashes make it
    // wait.
    @Test
    void aNodeThatDiesAgainBeforeItHasWrittenWaitsForNobody() throws Exception {
        owning();
        LogOwner again = owner("one", LEASE, folded(), (event, after) -> {});
        again.take(LogOwner.Takeover.OTHER_IS_DEAD);
        log.answerReads();
        LogOwner andAgain = owner("one", LEASE, folded(), (event, after) -> {});
        andAgain.take(LogOwner.Takeover.OTHER_IS_DEAD);
        log.answerReads();
        assertThat(said).containsExactly("owned", "owned", "owned");
    }

    @Test
    void whoTakesWhatANodeHasTakenTwiceWaitsForThatNode() throws Exception {
        owning();
        LogOwner again = owner("one", LEASE, folded(), (event, after) -> {});
        again.take(LogOwner.Takeover.OTHER_IS_DEAD);
        log.answerReads();
        said.remove(0);
        LogOwner next = owner("two", Duration.ofSeconds(1), folded(), (event, after) -> {});
        next.take(LogOwner.Takeover.FORCED);
        requireWaiting(next, again);
    }

    // Deliberate bug: whoever had the image when the log was read is taken for the dead one.
    @Test
    void whoeverCameSinceTheOtherWasSaidToBeDeadIsWaitedFor() throws Exception {
        owning();
        LogOwner next = owner("two", Duration.ofSeconds(1), folded(), (event, after) -> {});
        next.take(LogOwner.Takeover.OTHER_IS_DEAD);
        log.records.add(EventCodec.encode(new LogRecord.Claim(
                new RecordHead(IMAGE, LINEAGE, new Epoch(2)),
                new NodeId("three"),
                new UUID(3, 3),
                5,
                LEASE.toMillis())));
        log.answerReads();
        assertThat(said).containsExactly("owned");
        tick(next, (int) (LEASE.toMillis() / 100));
        assertThat(said).containsExactly("owned");
        tick(next, (int) (LEASE.toMillis() / 500));
        assertThat(said).containsExactly("owned", "owned");
    }

    @Test
    void afterALongTimeWithoutAnyTheFirstRecordGoesAlone() throws Exception {
        LogOwner owner = owning();
        nowMicros += Duration.ofHours(7).toNanos() / 1000;
        log.hold(true);
        owner.append(body(), new Answer());
        owner.append(body(), new Answer());
        assertThat(log.held()).isEqualTo(1);
        log.acknowledge();
        owner.append(body(), new Answer());
        assertThat(log.held()).isEqualTo(2);
    }

    @Test
    void whatLiesInTheLogIsTakenNoFasterThanThereIsRoom() throws Exception {
        owning();
        hasRoom = false;
        log.readsAtMost(1);
        LogOwner next = owner("two", LEASE, (event, after) -> {});
        next.take(LogOwner.Takeover.OTHER_IS_DEAD);
        tick(next, 5);
        assertThat(next.state().position().nextOffset()).isEqualTo(1);
        hasRoom = true;
        tick(next, 5 + (int) (LEASE.toMillis() / 100 * 12 / 10));
        assertThat(said).containsExactly("owned", "owned");
    }

    @Test
    void aLogOfAnotherTopicIsRefused() {
        FoldState elsewhere = FoldState.start(IMAGE, LINEAGE, new TopicId(new UUID(9, 9)));
        LogOwner owner = new LogOwner(
                new OwnerSettings(new NodeId("one")),
                log,
                FoldTip.of(elsewhere),
                clock,
                UUID.randomUUID(),
                (event, after) -> {},
                listener);
        owner.take(LogOwner.Takeover.IF_FREE);
        assertThat(said).last().asString().contains("LogLost", "made anew");
    }

    /** A state as somebody has it who has followed the log up to another's release. */
    private FoldState released() throws Exception {
        LogOwner before = owning();
        before.release(new Answer());
        return before.state();
    }

    @Test
    void aReleasedImageIsClaimedWithoutReadingFirst() throws Exception {
        FoldState state = released();
        said.clear();
        LogOwner next = owner("two", LEASE, state, (event, after) -> {});
        next.takeReleased();
        log.answerReads();
        assertThat(said).containsExactly("owned");
        assertThat(next.state().epoch()).isEqualTo(state.epoch().next());
    }

    /** Turns red where the epoch of an owner that was lost, or one further back, is taken for one that was given up in order. */
    @Test
    void anOwnerKnowsWhetherItFollowsARelease() throws Exception {
        LogOwner one = owning();
        one.release(new Answer());
        LogOwner two = owner("two", LEASE, one.state(), (event, after) -> {});
        two.takeReleased();
        log.answerReads();
        assertThat(two.tenure().hasAllOf(one.tenure())).isTrue();
        LogOwner three = owner("three", LEASE, folded(), (event, after) -> {});
        three.take(LogOwner.Takeover.OTHER_IS_DEAD);
        log.answerReads();
        assertThat(three.tenure().after()).isEmpty();
        three.release(new Answer());
        LogOwner four = owner("four", LEASE, (event, after) -> {});
        four.take(LogOwner.Takeover.IF_FREE);
        log.answerReads();
        assertThat(four.tenure().hasAllOf(three.tenure())).isTrue();
        assertThat(four.tenure().hasAllOf(two.tenure())).isFalse();
        assertThat(four.tenure().hasAllOf(one.tenure())).isFalse();
    }

    /** Turns red where a claim behind another's counts. */
    @Test
    void ofTwoWhoClaimAReleasedImageTheFirstHasIt() throws Exception {
        FoldState state = released();
        LogOwner first = owner("two", LEASE, state, (event, after) -> {});
        first.takeReleased();
        said.clear();
        LogOwner second = owner("three", LEASE, state, (event, after) -> {});
        second.takeReleased();
        log.answerReads();
        assertThat(said)
                .containsExactlyInAnyOrder(
                        "owned",
                        "ended Fenced: node two was faster to take the image (epoch "
                                + state.epoch().next() + ")");
    }

    @Test
    void anImageThatIsNotReleasedIsNotTakenSo() throws Exception {
        LogOwner before = owning();
        LogOwner next = owner("two", LEASE, before.state(), (event, after) -> {});
        assertThatThrownBy(next::takeReleased)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not released");
    }

    @Test
    void aReleaseInFrontOfALateClaimOfOnesOwnIsNoRelease() throws Exception {
        // Deliberate bug: it is reported, and the image stays taken by the claim behind it.
        LogOwner owner = owning();
        log.hold(true);
        Answer released = new Answer();
        owner.release(released);
        log.fail(); // the release, which lands later
        log.answerReads();
        byte[] late = releaseOf(1);
        log.records.add(late);
        log.acknowledge(); // the claim behind it
        log.answerReads();
        assertThat(released.acknowledged).isNull();
        log.acknowledge(); // the release again
        assertThat(released.acknowledged).isNotNull();
        assertThat(folded().epochStatus()).isEqualTo(EpochStatus.FREE);
        assertThat(said).last().asString().startsWith("ended Released");
    }

    private static byte[] releaseOf(long epoch) {
        return EventCodec.encode(new LogRecord.Release(new RecordHead(IMAGE, LINEAGE, new Epoch(epoch)), 5));
    }

    @Test
    void aLogThatRefusesForEverIsAskedLessAndLessOften() throws Exception {
        LogOwner owner = owning();
        log.hold(true);
        owner.append(body(), new Answer());
        int before = log.records.size();
        for (int i = 0; i < 600; i++) { // a minute
            if (log.holdsEvent()) {
                log.fail();
            } else if (log.holdsAny()) {
                log.acknowledge();
            }
            tick(owner, 1);
        }
        assertThat(log.records.size() - before).as("claims").isBetween(5, 100);
    }
}
