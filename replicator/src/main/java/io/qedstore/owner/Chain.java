package io.qedstore.owner;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventBody;
import io.qedstore.event.EventCodec;
import io.qedstore.event.LogRecord;
import io.qedstore.event.RecordHead;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import java.util.Optional;

/** Makes an owner's records: each event gets its place behind the one before. Guarded by the owner's lock. */
final class Chain {
    private long sequence;
    private Digest digest = Digest.NONE;
    private Optional<DigestAlgorithm> algorithm = Optional.empty();
    private long timeMicros;

    /** A record and the digest of its bytes. */
    record Link(LogRecord record, Digest digest) {}

    /** A link and its bytes, which are not kept with it: they hold all data once more. */
    static final class Encoded {
        final Link link;
        final byte[] bytes;

        private Encoded(LogRecord record, byte[] bytes, Digest digest) {
            this.link = new Link(record, digest);
            this.bytes = bytes;
        }
    }

    /** Goes on from where a fold is. */
    void goOnFrom(FoldState state) {
        sequence = state.sequence().value();
        digest = state.digest();
        algorithm = state.algorithm();
        timeMicros = Math.max(timeMicros, state.timeMicros());
    }

    /** The time of a record that is made now: it never goes back. */
    long time(long wallMicros) {
        timeMicros = Math.max(timeMicros, wallMicros);
        return timeMicros;
    }

    /** The next event. */
    Encoded event(RecordHead head, EventBody body, long wallMicros) {
        LogRecord.Event event = new LogRecord.Event(head, new Sequence(sequence + 1), digest, time(wallMicros), body);
        byte[] bytes = EventCodec.encode(event);
        algorithm = body.genesis().or(() -> algorithm);
        sequence++;
        digest = algorithm
                .orElseThrow(() -> new IllegalArgumentException("the first event names no digest algorithm"))
                .of(bytes);
        return new Encoded(event, bytes, digest);
    }

    /** A record that stands outside the chain. */
    Encoded control(LogRecord record) {
        byte[] bytes = EventCodec.encode(record);
        return new Encoded(
                record, bytes, algorithm.orElse(DigestAlgorithm.XXH3_128).of(bytes));
    }
}
