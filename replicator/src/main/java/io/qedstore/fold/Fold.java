package io.qedstore.fold;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.CorruptRecordException;
import io.qedstore.event.Epoch;
import io.qedstore.event.EventCodec;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.LogRecord;
import io.qedstore.event.LogRecord.Claim;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.LogRecord.Lease;
import io.qedstore.event.LogRecord.Release;
import io.qedstore.event.LogRecord.Unknown;
import io.qedstore.event.RecordHead;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says which records of an image's log count, and in which order: everybody who reads the log, and the one who writes it,
 * goes by this class, so all come to the same result.
 *
 * <ul>
 *   <li>A claim counts if its epoch is the one behind the last that was opened: the first such claim in the log wins.
 *   <li>A release, by the open epoch, ends it.
 *   <li>An event counts in the open epoch, with the sequence behind the last that counted, and with that one's digest.
 *   <li>In the open epoch, an event with a sequence seen before is left out. One that is too high, or with another digest,
 *       ends the epoch: an event before it was lost, so nothing more of this owner counts before the next claim.
 *   <li>All else is left out.
 * </ul>
 *
 * <p>It looks at records, never at the file. One thread at a time.
 */
public class Fold {
    private final ImageId image;
    private final LineageId lineage;
    private final TopicId topicId;

    private LogPosition position;
    private long sequence;
    private Digest digest;
    private long eventOffset;
    private Ownership ownership;
    private long timeMicros;
    private @Nullable DigestAlgorithm algorithm;

    /** What the log must hold: the last record that was taken, whatever it was worth, or one that is still to come. */
    private @Nullable Place last;

    /** Up to where records were read; null if that is where the fold is. */
    private @Nullable FoldState read;

    /** Begins at a place of which nothing is to be made sure. */
    public Fold(FoldState state) {
        this(FoldTip.of(state));
    }

    /** Goes on where another fold was. */
    public Fold(FoldTip tip) {
        FoldState state = tip.state();
        last = tip.last().orElse(null);
        read = tip.isAllRead() ? null : tip.read();
        image = state.image();
        lineage = state.lineage();
        topicId = state.topicId();
        position = state.position();
        sequence = state.sequence().value();
        digest = state.digest();
        eventOffset = state.eventOffset();
        ownership = state.ownership();
        timeMicros = state.timeMicros();
        algorithm = state.algorithm().orElse(null);
    }

    /** Where the fold is now. */
    public FoldState state() {
        return new FoldState(
                image,
                lineage,
                topicId,
                position,
                new Sequence(sequence),
                digest,
                eventOffset,
                ownership,
                timeMicros,
                Optional.ofNullable(algorithm));
    }

    /** @throws LogException.Recreated if this is the fold of another topic's log */
    public void requireTopic(TopicId found) throws LogException.Recreated {
        if (!found.equals(topicId)) {
            throw new LogException.Recreated("the log of image " + image + " is topic " + found + ", expected "
                    + topicId + ": the topic was deleted and made anew");
        }
    }

    public LogPosition position() {
        return position;
    }

    /** The same for whoever goes on from here. */
    public FoldTip tip() {
        FoldState now = state();
        FoldState readTo = read;
        return new FoldTip(now, Optional.ofNullable(last), readTo == null ? now : readTo);
    }

    /**
     * The log was seen to hold all before a state of this fold. An owner does not hear in which leader's epoch its records were
     * taken, and only by that epoch do brokers notice that their log has lost its end since: here it comes in.
     */
    public void confirm(FoldState seen) {
        FoldState readTo = read;
        long offset = seen.position().nextOffset();
        boolean isHere = offset == position.nextOffset();
        if (readTo != null && offset > readTo.position().nextOffset()) {
            read = isHere ? null : seen;
        }
        if (isHere && position.leaderEpoch().isEmpty()) {
            position = seen.position();
        }
    }

    /** The offset of the next record. */
    public long nextOffset() {
        return position.nextOffset();
    }

    /** The epoch that was opened last. */
    public Epoch epoch() {
        return ownership.epoch();
    }

    /** Who has the image now. */
    public Ownership ownership() {
        return ownership;
    }

    /** What a record of this log says first. */
    public RecordHead head(Epoch of) {
        return new RecordHead(image, lineage, of);
    }

    /**
     * Takes the next record of the log.
     *
     * @return the record, and what it is worth
     * @throws LogException.Gap if it is not the next one
     * @throws LogException.Foreign if it belongs to another image or lineage
     * @throws LogException.NotUnderstood if it is of an unknown kind, or counts and says something that this version does not
     *     know; the fold has not moved then
     */
    public Judged next(StoredRecord stored) throws LogException {
        if (stored.offset() != position.nextOffset()) {
            throw new LogException.Gap("the log of image " + image + " has a record at offset " + stored.offset()
                    + ", expected one at " + position.nextOffset() + ": records between them are missing");
        }
        Judged judged = judge(stored);
        boolean isHashed = judged.verdict() == Verdict.APPLIED;
        took(isHashed ? digest : digester().of(stored.bytes()), LogPosition.after(stored));
        return judged;
    }

    private Judged judge(StoredRecord stored) throws LogException {
        LogRecord record;
        try {
            record = EventCodec.decode(stored.bytes());
        } catch (CorruptRecordException e) {
            return new Judged(Verdict.JUNK, null);
        }
        return new Judged(judge(record, () -> digesterOf(record).of(stored.bytes()), stored.offset()), record);
    }

    /**
     * Takes the next record, one of the caller's own that was not read: it lies at the next offset.
     *
     * @param digestOfBytes as they were appended, by the algorithm of the chain
     */
    public Verdict own(LogRecord record, Digest digestOfBytes, long offset) throws LogException {
        if (read == null) {
            read = state();
        }
        Verdict verdict = judge(record, () -> digestOfBytes, offset);
        took(digestOfBytes, new LogPosition(offset + 1, OptionalInt.empty()));
        return verdict;
    }

    private void took(Digest ofRecord, LogPosition next) {
        Place expected = last;
        if (expected == null || expected.offset() < next.nextOffset()) {
            last = new Place(next.nextOffset() - 1, digester(), ofRecord);
        }
        position = next;
    }

    /** The algorithm of an event's digest: the first names it. */
    private DigestAlgorithm digesterOf(LogRecord record) {
        return record instanceof Event event ? event.body().genesis().orElse(digester()) : digester();
    }

    private DigestAlgorithm digester() {
        DigestAlgorithm chain = algorithm;
        return chain == null ? DigestAlgorithm.XXH3_128 : chain;
    }

    private Verdict judge(LogRecord record, Supplier<Digest> ofBytes, long offset) throws LogException {
        if (!record.head().image().equals(image) || !record.head().lineage().equals(lineage)) {
            throw new LogException.Foreign("the record at offset " + offset + " is of image "
                    + record.head().image() + ", lineage " + record.head().lineage() + "; expected image " + image
                    + ", lineage " + lineage + ": this is the log of another history");
        }
        if (record instanceof Unknown unknown) {
            throw notUnderstood(offset, unknown.what());
        }
        long of = record.head().epoch().value();
        if (record instanceof Claim claim) {
            if (of != ownership.epoch().value() + 1) {
                return Verdict.LOST_CLAIM;
            }
            ownership = ownership.claimed(claim);
            return Verdict.OPENED;
        }
        if (!isOpen(of)) {
            return Verdict.OTHER_EPOCH;
        }
        if (record instanceof Release) {
            ownership = ownership.with(EpochStatus.FREE);
            return Verdict.RELEASED;
        }
        if (record instanceof Lease) {
            ownership = ownership.appended();
            return Verdict.LEASED;
        }
        return judgeEvent((Event) record, ofBytes, offset);
    }

    /** Whether records of this epoch count now. */
    boolean isOpen(long recordEpoch) {
        return recordEpoch == ownership.epoch().value() && ownership.status() == EpochStatus.OPEN;
    }

    private Verdict judgeEvent(Event event, Supplier<Digest> ofBytes, long offset) throws LogException {
        long of = event.sequence().value();
        if (of <= sequence) {
            return Verdict.DUPLICATE;
        }
        if (of > sequence + 1) {
            ownership = ownership.with(EpochStatus.BROKEN);
            return Verdict.TOO_HIGH;
        }
        if (!continuesChain(event)) {
            ownership = ownership.with(EpochStatus.BROKEN);
            return Verdict.WRONG_DIGEST;
        }
        if (event.body().notUnderstood().isPresent()) {
            throw notUnderstood(offset, event.body().notUnderstood().get());
        }
        DigestAlgorithm chain = algorithm;
        if (chain != null && event.body().genesis().isPresent()) {
            throw notUnderstood(offset, "a second choice of how events are chained");
        }
        if (chain == null) {
            chain = event.body()
                    .genesis()
                    .orElseThrow(() -> notUnderstood(offset, "how events are chained: the first names no algorithm"));
        }
        algorithm = chain;
        ownership = ownership.appended();
        sequence = of;
        digest = ofBytes.get();
        eventOffset = offset;
        timeMicros = Math.max(timeMicros, event.timeMicros());
        return Verdict.APPLIED;
    }

    /** Whether an event follows the last one that counted. */
    boolean continuesChain(Event event) {
        return event.previous().equals(digest);
    }

    private LogException.NotUnderstood notUnderstood(long offset, String what) {
        return new LogException.NotUnderstood("the record at offset " + offset + " of the log of image " + image
                + " says something that this version of qedstore does not know (" + what
                + "); run the version that wrote it, or a newer one");
    }

    /**
     * A record and its worth.
     *
     * @param record null if the bytes are none
     */
    public record Judged(Verdict verdict, @Nullable LogRecord record) {
        /** The event, if it is to be applied. */
        public Optional<Event> toApply() {
            return verdict == Verdict.APPLIED && record instanceof Event event ? Optional.of(event) : Optional.empty();
        }
    }
}
