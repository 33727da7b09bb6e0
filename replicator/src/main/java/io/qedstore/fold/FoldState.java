package io.qedstore.fold;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Epoch;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A place in an image's log, with all that the records before it say about the ones behind. Every stored position is one of
 * these: from nothing less can a fold go on.
 *
 * @param position of the next record
 * @param sequence of the last event that counted
 * @param digest of that event's record
 * @param eventOffset where that record lies; 0 before the first event
 * @param ownership who has the image
 * @param timeMicros the highest time of an event
 * @param algorithm of the digests; empty before the first event
 */
public record FoldState(
        ImageId image,
        LineageId lineage,
        TopicId topicId,
        LogPosition position,
        Sequence sequence,
        Digest digest,
        long eventOffset,
        Ownership ownership,
        long timeMicros,
        Optional<DigestAlgorithm> algorithm) {

    /** The epoch that was opened last. */
    public Epoch epoch() {
        return ownership.epoch();
    }

    /** Whether records of that epoch count, and if not, why. */
    public EpochStatus epochStatus() {
        return ownership.status();
    }

    /** Where the last event lies; empty before the first. */
    public Optional<Place> lastEvent() {
        return algorithm.map(chain -> new Place(eventOffset, chain, digest));
    }

    /** The same place, whose last record was seen to be of this leader. */
    public FoldState readIn(OptionalInt leaderEpoch) {
        return new FoldState(
                image,
                lineage,
                topicId,
                new LogPosition(position.nextOffset(), leaderEpoch),
                sequence,
                digest,
                eventOffset,
                ownership,
                timeMicros,
                algorithm);
    }

    /** Whether two folds have come to the same, whoever led the log. */
    public boolean isSame(FoldState other) {
        return readIn(OptionalInt.empty()).equals(other.readIn(OptionalInt.empty()));
    }

    /** Before the first record. */
    public static FoldState start(ImageId image, LineageId lineage, TopicId topicId) {
        return new FoldState(
                image,
                lineage,
                topicId,
                LogPosition.START,
                Sequence.NONE,
                Digest.NONE,
                0,
                Ownership.NONE,
                0,
                Optional.empty());
    }
}
