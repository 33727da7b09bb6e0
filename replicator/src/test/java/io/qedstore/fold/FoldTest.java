package io.qedstore.fold;

import static io.qedstore.event.Records.IMAGE;
import static io.qedstore.event.Records.LINEAGE;
import static io.qedstore.event.Records.claim;
import static io.qedstore.event.Records.event;
import static io.qedstore.event.Records.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventBody;
import io.qedstore.event.EventCodec;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.LogRecord;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.LogRecord.Lease;
import io.qedstore.event.LogRecord.Release;
import io.qedstore.event.RecordHead;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The rule of what counts, line by line. */
class FoldTest {
    private final Fold fold = new Fold(FoldState.start(IMAGE, LINEAGE, new TopicId(new UUID(5, 6))));
    private long offset;

    private Verdict take(LogRecord record) throws LogException {
        return take(EventCodec.encode(record));
    }

    private Verdict take(byte[] bytes) throws LogException {
        return fold.next(new StoredRecord(offset++, OptionalInt.of(1), ByteBuffer.wrap(bytes)))
                .verdict();
    }

    /** The next event of an epoch, behind the last that counted. */
    private Event next(long epoch) {
        FoldState now = fold.state();
        return event(epoch, now.sequence().next().value(), now.digest());
    }

    @Test
    void theFirstClaimOfTheNextEpochWins() throws LogException {
        assertThat(take(claim(2, 1))).isEqualTo(Verdict.LOST_CLAIM);
        assertThat(take(claim(1, 1))).isEqualTo(Verdict.OPENED);
        assertThat(take(claim(1, 2))).isEqualTo(Verdict.LOST_CLAIM);
        assertThat(take(claim(3, 2))).isEqualTo(Verdict.LOST_CLAIM);
        assertThat(take(claim(2, 2))).isEqualTo(Verdict.OPENED);
        assertThat(fold.epoch().value()).isEqualTo(2);
    }

    @Test
    void nothingCountsBeforeAClaim() throws LogException {
        assertThat(fold.state().epochStatus()).isEqualTo(EpochStatus.FREE);
        assertThat(take(event(0, 1, Digest.NONE))).isEqualTo(Verdict.OTHER_EPOCH);
        assertThat(take(event(1, 1, Digest.NONE))).isEqualTo(Verdict.OTHER_EPOCH);
        assertThat(take(new Lease(head(0), 1))).isEqualTo(Verdict.OTHER_EPOCH);
        assertThat(take(new Release(head(0), 1))).isEqualTo(Verdict.OTHER_EPOCH);
    }

    @Test
    void eventsOfTheOpenEpochCountOneBehindTheOther() throws LogException {
        take(claim(1, 1));
        for (int i = 1; i <= 3; i++) {
            Event event = next(1);
            assertThat(take(event)).isEqualTo(Verdict.APPLIED);
            FoldState after = fold.state();
            assertThat(after.sequence()).isEqualTo(new Sequence(i));
            assertThat(after.digest()).isEqualTo(DigestAlgorithm.XXH3_128.of(EventCodec.encode(event)));
            assertThat(after.lastEvent()).contains(new Place(i, DigestAlgorithm.XXH3_128, after.digest()));
        }
        assertThat(take(new Lease(head(1), 9))).isEqualTo(Verdict.LEASED);
        assertThat(take(next(1))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void anEpochThatIsOverCountsNoMore() throws LogException {
        take(claim(1, 1));
        take(next(1));
        take(claim(2, 2));
        assertThat(take(next(1))).isEqualTo(Verdict.OTHER_EPOCH);
        assertThat(take(new Lease(head(1), 1))).isEqualTo(Verdict.OTHER_EPOCH);
        assertThat(take(new Release(head(1), 1))).isEqualTo(Verdict.OTHER_EPOCH);
        assertThat(take(next(2))).isEqualTo(Verdict.APPLIED);
        assertThat(take(new Release(head(2), 1))).isEqualTo(Verdict.RELEASED);
        assertThat(fold.state().epochStatus()).isEqualTo(EpochStatus.FREE);
        assertThat(take(next(2))).isEqualTo(Verdict.OTHER_EPOCH);
    }

    @Test
    void whatWasSeenBeforeIsLeftOutAndDoesNoHarm() throws LogException {
        take(claim(1, 1));
        Event first = next(1);
        take(first);
        take(next(1));
        assertThat(take(first)).isEqualTo(Verdict.DUPLICATE);
        assertThat(take(event(1, 2, new Digest(7, 7)))).isEqualTo(Verdict.DUPLICATE);
        assertThat(take(next(1))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void aMissingEventEndsItsEpoch() throws LogException {
        take(claim(1, 1));
        take(next(1));
        assertThat(take(event(1, 3, fold.state().digest()))).isEqualTo(Verdict.TOO_HIGH);
        assertThat(fold.state().epochStatus()).isEqualTo(EpochStatus.BROKEN);
        assertThat(take(next(1))).isEqualTo(Verdict.OTHER_EPOCH);
        take(claim(2, 1));
        assertThat(take(next(2))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void anEventBehindAnotherEventEndsItsEpoch() throws LogException {
        take(claim(1, 1));
        take(next(1));
        assertThat(take(event(1, 2, new Digest(7, 7)))).isEqualTo(Verdict.WRONG_DIGEST);
        assertThat(fold.state().epochStatus()).isEqualTo(EpochStatus.BROKEN);
        assertThat(take(next(1))).isEqualTo(Verdict.OTHER_EPOCH);
    }

    @Test
    void junkIsCountedAndNothingElse() throws LogException {
        take(claim(1, 1));
        FoldState before = fold.state();
        assertThat(take(new byte[] {1, 2, 3})).isEqualTo(Verdict.JUNK);
        assertThat(take(new byte[0])).isEqualTo(Verdict.JUNK);
        assertThat(fold.state().digest()).isEqualTo(before.digest());
        assertThat(take(next(1))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void timeNeverGoesBack() throws LogException {
        take(claim(1, 1));
        take(new Event(head(1), new Sequence(1), Digest.NONE, 500, next(1).body()));
        take(new Event(head(1), new Sequence(2), fold.state().digest(), 100, EventBody.of(List.of(), List.of())));
        assertThat(fold.state().timeMicros()).isEqualTo(500);
    }

    @Test
    void theFirstEventSaysHowTheChainIsMade() throws LogException {
        take(claim(1, 1));
        Event first = new Event(
                head(1),
                new Sequence(1),
                Digest.NONE,
                1,
                EventBody.first(DigestAlgorithm.SHA_256, List.of(), List.of()));
        take(first);
        assertThat(fold.state().digest()).isEqualTo(DigestAlgorithm.SHA_256.of(EventCodec.encode(first)));
        assertThat(take(next(1))).isEqualTo(Verdict.APPLIED);
        assertThat(fold.state().algorithm()).contains(DigestAlgorithm.SHA_256);
    }

    @Test
    void aFirstEventThatNamesNoChainStopsTheImage() throws LogException {
        take(claim(1, 1));
        Event first = new Event(head(1), new Sequence(1), Digest.NONE, 1, EventBody.of(List.of(), List.of()));
        assertThatThrownBy(() -> take(first)).isInstanceOf(LogException.NotUnderstood.class);
    }

    @Test
    void aSecondChoiceOfTheChainStopsTheImage() throws LogException {
        take(claim(1, 1));
        take(next(1));
        Event second = new Event(
                head(1),
                new Sequence(2),
                fold.state().digest(),
                1,
                EventBody.first(DigestAlgorithm.SHA_256, List.of(), List.of()));
        assertThatThrownBy(() -> take(second)).isInstanceOf(LogException.NotUnderstood.class);
    }

    @Test
    void anEventThatCountsAndIsNotUnderstoodStopsTheImage() throws LogException {
        // Deliberate bug: it is left out, and the next one breaks the chain, or worse, does not.
        take(claim(1, 1));
        take(next(1));
        FoldState before = fold.state();
        byte[] newer = newer(next(1));
        assertThatThrownBy(() -> take(newer))
                .isInstanceOf(LogException.NotUnderstood.class)
                .hasMessageContaining("offset 2", IMAGE.toString(), "newer");
        assertThat(fold.state()).isEqualTo(before);
    }

    @Test
    void anEventThatDoesNotCountNeedNotBeUnderstood() throws LogException {
        take(claim(1, 1));
        take(next(1));
        assertThat(take(newer(event(1, 1, Digest.NONE)))).isEqualTo(Verdict.DUPLICATE);
        assertThat(take(newer(event(9, 2, Digest.NONE)))).isEqualTo(Verdict.OTHER_EPOCH);
    }

    /** A record with a field that nobody knows, in its event. */
    private static byte[] newer(Event event) {
        byte[] bytes = EventCodec.encode(event);
        try {
            var message = io.qedstore.log.v1.EventProto.LogRecord.parseFrom(bytes);
            return message.toBuilder()
                    .setEvent(message.getEvent().toBuilder()
                            .addChanges(io.qedstore.log.v1.EventProto.Change.getDefaultInstance()))
                    .build()
                    .toByteArray();
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void recordsOfOtherHistoriesStopTheImage() {
        RecordHead otherImage = new RecordHead(ImageId.of(9, 9), LINEAGE, fold.epoch());
        RecordHead otherLineage = new RecordHead(IMAGE, LineageId.of(9, 9), fold.epoch());
        for (RecordHead head : List.of(otherImage, otherLineage)) {
            assertThatThrownBy(() -> new Fold(fold.state())
                            .next(new StoredRecord(
                                    0, OptionalInt.empty(), ByteBuffer.wrap(EventCodec.encode(new Lease(head, 1))))))
                    .isInstanceOf(LogException.Foreign.class)
                    .hasMessageContaining(IMAGE.toString(), LINEAGE.toString());
        }
    }

    @Test
    void offsetsThatAreLeftOutStopTheImage() {
        StoredRecord later = new StoredRecord(1, OptionalInt.empty(), ByteBuffer.wrap(EventCodec.encode(claim(1, 1))));
        assertThatThrownBy(() -> fold.next(later))
                .isInstanceOf(LogException.Gap.class)
                .hasMessageContaining("offset 1", "expected one at 0");
    }

    @Test
    void aFoldGoesOnFromItsStateAsIfItHadNeverStopped() throws LogException {
        take(claim(1, 1));
        take(next(1));
        take(event(1, 5, Digest.NONE));
        Fold again = new Fold(fold.state());
        for (Fold either : List.of(fold, again)) {
            assertThat(either.next(new StoredRecord(
                                    offset, OptionalInt.of(2), ByteBuffer.wrap(EventCodec.encode(next(1)))))
                            .verdict())
                    .isEqualTo(Verdict.OTHER_EPOCH);
            assertThat(either.state().position().leaderEpoch()).hasValue(2);
        }
        assertThat(again.state()).isEqualTo(fold.state());
    }

    @Test
    void itKnowsTheLastRecordWhateverItWasWorth() throws LogException {
        assertThat(fold.tip().last()).isEmpty();
        byte[] junk = {1};
        take(junk);
        Place last = fold.tip().last().orElseThrow();
        assertThat(last.holds(new StoredRecord(0, OptionalInt.empty(), ByteBuffer.wrap(junk))))
                .isTrue();
        assertThat(last.holds(new StoredRecord(0, OptionalInt.empty(), ByteBuffer.wrap(new byte[] {2}))))
                .isFalse();
        assertThat(last.holds(new StoredRecord(1, OptionalInt.empty(), ByteBuffer.wrap(junk))))
                .isFalse();
        take(claim(1, 1));
        take(next(1));
        Optional<Place> event = fold.state().lastEvent();
        assertThat(fold.tip().last()).isEqualTo(event);
        take(claim(2, 2));
        assertThat(fold.state().lastEvent())
                .as("behind a record of another kind")
                .isEqualTo(event);
        assertThat(fold.tip().last().map(Place::offset)).contains(3L);
    }

    @Test
    void ownRecordsCountByTheSameRule() throws LogException {
        take(claim(1, 1));
        Event event = next(1);
        Digest digest = DigestAlgorithm.XXH3_128.of(EventCodec.encode(event));
        assertThat(fold.own(event, digest, 1)).isEqualTo(Verdict.APPLIED);
        assertThat(fold.own(event, digest, 2)).isEqualTo(Verdict.DUPLICATE);
        assertThat(fold.nextOffset()).isEqualTo(3);
        assertThat(fold.state().digest()).isEqualTo(digest);
        assertThat(fold.tip().last().map(Place::offset)).isEqualTo(Optional.of(2L));
    }
}
