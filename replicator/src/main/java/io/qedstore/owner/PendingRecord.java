package io.qedstore.owner;

import io.qedstore.event.EventBody;
import io.qedstore.fold.FoldState;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A record that is not acknowledged yet: what it is to say, and once it was sent, how. Guarded by the owner's lock. */
final class PendingRecord {
    /** What is to be written. */
    enum Kind {
        EVENT,
        LEASE,
        RELEASE
    }

    final Kind kind;
    final @Nullable EventBody body;
    private final Acknowledgement acknowledgement;

    private Chain.@Nullable Link link;
    private Lease.@Nullable Instant sentAt;
    private @Nullable Long offset;

    PendingRecord(Kind kind, @Nullable EventBody body, Acknowledgement acknowledgement) {
        this.kind = kind;
        this.body = body;
        this.acknowledgement = acknowledgement;
    }

    void acknowledged(FoldState after) {
        GuardedListener.guard(() -> acknowledgement.acknowledged(after));
    }

    void failed(OwnershipException cause) {
        GuardedListener.guard(() -> acknowledgement.failed(cause));
    }

    void sent(Chain.Link as, Lease.Instant at) {
        link = as;
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

    Chain.Link link() {
        return Objects.requireNonNull(link, "was not sent");
    }

    Lease.Instant sentAt() {
        return Objects.requireNonNull(sentAt, "was not sent");
    }
}
