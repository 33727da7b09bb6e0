package io.qedstore.nbd;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The clients that may write to an export now: one, or several if that was asked for. All connections of one client count as one.
 * All methods are safe for many threads; those that ask wait for nobody.
 */
public final class Attachments {
    /** How many clients may write at a time. */
    public enum Mode {
        /** One. */
        EXCLUSIVE,
        /** Several, which have to agree among themselves. */
        SHARED
    }

    private final AttachmentListener listener;
    private final Clock clock;
    private volatile Mode mode;

    /** Until then nobody comes in who has not used the disk elsewhere. */
    private volatile Instant reservedUntil = Instant.MIN;

    private Optional<String> closed = Optional.empty();

    /** By identity, in the order in which they came; guarded by this object's monitor. */
    private final Map<String, AttachedClient> clients = new LinkedHashMap<>();

    private volatile List<AttachedClient> seen = List.of();

    public Attachments(Mode mode, AttachmentListener listener, Clock clock) {
        this.mode = mode;
        this.listener = listener;
        this.clock = clock;
    }

    /** For everybody who comes. */
    static Attachments shared() {
        return new Attachments(Mode.SHARED, AttachmentListener.NONE, Clock.systemUTC());
    }

    /** From now on; nobody who is there has to leave. */
    public void mode(Mode next) {
        mode = next;
    }

    /**
     * The disk has come from elsewhere: where only one client may write, whoever did so there comes before others for some time.
     */
    public void reserve(Duration time) {
        reservedUntil = clock.instant().plus(time);
    }

    /**
     * From now on nobody comes in; nobody who is there has to leave.
     *
     * @param why for people; empty to let them in again
     */
    public synchronized void close(Optional<String> why) {
        closed = why;
    }

    /** In the order in which they came. */
    public List<AttachedClient> clients() {
        return seen;
    }

    Attachment attach(NbdClient client) throws AlreadyAttachedException {
        return attach(client, false);
    }

    /**
     * @param goesOn whether it has used the same disk elsewhere until now
     * @throws AlreadyAttachedException if another client is there, or expected, and only one may be
     */
    synchronized Attachment attach(NbdClient client, boolean goesOn) throws AlreadyAttachedException {
        if (closed.isPresent()) {
            throw new AlreadyAttachedException(closed.get());
        }
        AttachedClient known = clients.get(client.identity());
        Instant reserved = reservedUntil;
        if (!goesOn
                && clients.isEmpty()
                && mode == Mode.EXCLUSIVE
                && clock.instant().isBefore(reserved)) {
            throw new AlreadyAttachedException(reserved);
        }
        if (known == null && mode == Mode.EXCLUSIVE && !clients.isEmpty()) {
            throw new AlreadyAttachedException(clients.values().iterator().next());
        }
        if (clients.isEmpty()) {
            listener.firstCame(client);
        }
        AttachedClient now = known == null
                ? new AttachedClient(client.name(), clock.instant(), 1)
                : known.withConnections(known.connections() + 1);
        clients.put(client.identity(), now);
        seen = List.copyOf(clients.values());
        return new Attachment(() -> release(client.identity()));
    }

    private synchronized void release(String identity) {
        clients.computeIfPresent(identity, (same, client) -> {
            int left = client.connections() - 1;
            return left == 0 ? null : client.withConnections(left);
        });
        seen = List.copyOf(clients.values());
        if (clients.isEmpty()) {
            listener.lastGone();
        }
    }
}
