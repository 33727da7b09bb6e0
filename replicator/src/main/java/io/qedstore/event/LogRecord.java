package io.qedstore.event;

import io.qedstore.digest.Digest;
import java.util.UUID;

/** One record of an image's log. Whether it counts is for {@link io.qedstore.fold.Fold} to say. */
public sealed interface LogRecord {
    RecordHead head();

    /**
     * One atomic change of the image file.
     *
     * @param sequence from 1
     * @param previous digest of the record of the event before; {@link Digest#NONE} in the first
     * @param timeMicros since 1970, by the owner's clock, never less than the event's before
     */
    record Event(RecordHead head, Sequence sequence, Digest previous, long timeMicros, EventBody body)
            implements LogRecord {
        public Event {
            if (sequence.value() < 1) {
                throw new IllegalArgumentException("an event of sequence 0; they count from 1");
            }
            requireTime(timeMicros);
        }
    }

    /**
     * A node wants to own the image. Stands outside the chain of events, as all that follow here.
     *
     * @param node for people
     * @param claimId of one owner: by it a node knows its claims again
     * @param leaseMillis for how long after an append the owner may answer reads
     */
    record Claim(RecordHead head, NodeId node, UUID claimId, long timeMicros, long leaseMillis) implements LogRecord {
        public Claim {
            requireTime(timeMicros);
            if (head.epoch().value() < 1) {
                throw new IllegalArgumentException("a claim of epoch 0; they count from 1");
            }
            if (leaseMillis < 0) {
                throw new IllegalArgumentException("a lease of " + leaseMillis + " ms");
            }
        }
    }

    /** The owner gives the image up: its epoch is over. */
    record Release(RecordHead head, long timeMicros) implements LogRecord {
        public Release {
            requireTime(timeMicros);
        }
    }

    /** The owner is still there, and had nothing to write. */
    record Lease(RecordHead head, long timeMicros) implements LogRecord {
        public Lease {
            requireTime(timeMicros);
        }
    }

    /**
     * A record of a kind that this version does not know.
     *
     * @param what of it is not known, for people
     */
    record Unknown(RecordHead head, String what) implements LogRecord {}

    private static void requireTime(long timeMicros) {
        if (timeMicros < 0) {
            throw new IllegalArgumentException("a time of " + timeMicros + " microseconds");
        }
    }
}
