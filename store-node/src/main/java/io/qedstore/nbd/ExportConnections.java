package io.qedstore.nbd;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections that use one export. A client that has died may have left requests in its socket that nobody has looked
 * at yet, because there was no room for them; nobody can see before they were read that it has hung up behind them. So
 * somebody new, who may be the same client again, has to wait until each connection has been in touch with its client. All
 * methods are safe for many threads.
 */
final class ExportConnections {
    private final Set<TransmissionHandler> connections = ConcurrentHashMap.newKeySet();

    /** There are to be none any more. */
    private volatile boolean ended;

    void add(TransmissionHandler connection) {
        connections.add(connection);
        if (ended) {
            connection.exportEnded();
        }
    }

    /** Closes all there are, and those that are added later. */
    void end() {
        ended = true;
        connections.forEach(TransmissionHandler::exportEnded);
    }

    boolean isAny() {
        return !connections.isEmpty();
    }

    /** Closes the one before of a client that has one at a time. */
    void replace(NbdClient client) {
        connections.stream().filter(connection -> connection.isOf(client)).forEach(TransmissionHandler::replaced);
    }

    void remove(TransmissionHandler connection) {
        connections.remove(connection);
    }

    /** Runs something once every connection that is there now has been in touch with its client or is closed. */
    void whenAllInTouch(Runnable action) {
        List<TransmissionHandler> asked = List.copyOf(connections);
        AtomicInteger left = new AtomicInteger(asked.size() + 1);
        Runnable answered = () -> {
            if (left.decrementAndGet() == 0) {
                action.run();
            }
        };
        asked.forEach(connection -> connection.whenInTouch(answered));
        answered.run();
    }
}
