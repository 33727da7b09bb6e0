package io.qedstore.nbd;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

    /** In the order in which they came. */
    public List<AttachedClient> clients() {
        return seen;
    }

    /** @throws AlreadyAttachedException if another client is there, and only one may be */
    synchronized Attachment attach(NbdClient client) throws AlreadyAttachedException {
        AttachedClient known = clients.get(client.identity());
        if (known == null && mode == Mode.EXCLUSIVE && !clients.isEmpty()) {
            throw new AlreadyAttachedException(clients.values().iterator().next());
        }
        if (clients.isEmpty()) {
            listener.firstCame();
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
