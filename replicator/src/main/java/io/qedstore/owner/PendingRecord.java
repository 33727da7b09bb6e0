package io.qedstore.owner;

import io.qedstore.event.EventBody;
import io.qedstore.event.LogRecord;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A record that is not acknowledged yet: first what it is to say, and once it was sent, how. Guarded by the owner's lock. */
final class PendingRecord {
    /** What is to be written. */
    enum Kind {
        EVENT,
        LEASE,
        RELEASE
    }

    final Kind kind;
    final @Nullable EventBody body;
    final Acknowledgement acknowledgement;

    private @Nullable LogRecord record;
    private byte @Nullable [] bytes;
    private Lease.@Nullable Instant sentAt;
    private @Nullable Long offset;

    PendingRecord(Kind kind, @Nullable EventBody body, Acknowledgement acknowledgement) {
        this.kind = kind;
        this.body = body;
        this.acknowledgement = acknowledgement;
    }

    void sent(LogRecord asRecord, byte[] asBytes, Lease.Instant at) {
        record = asRecord;
        bytes = asBytes;
        sentAt = at;
        offset = null;
    }

    /** The log says where it lies. */
    void lies(long at) {
        offset = at;
    }

    @Nullable
    Long offset() {
        return offset;
    }

    LogRecord record() {
        return Objects.requireNonNull(record, "was not sent");
    }

    byte[] bytes() {
        return Objects.requireNonNull(bytes, "was not sent");
    }

    Lease.Instant sentAt() {
        return Objects.requireNonNull(sentAt, "was not sent");
    }
}
