package io.qedstore.api.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections on which no request has come to its end for a while. Jetty's own idle timeout begins anew with each byte, so
 * that somebody who sends one now and then would keep a connection for ever, and with some hundreds of them keep out all others.
 */
final class UnfinishedRequests extends AbstractLifeCycle implements Connection.Listener {
    private final ServerConnector connector;
    private final Duration idle;
    private final Map<Connection, Progress> open = new ConcurrentHashMap<>();
    private volatile Scheduler.@Nullable Task next;

    /** @param idle for how long a connection may have no request, or no whole one */
    UnfinishedRequests(ServerConnector connector, Duration idle) {
        this.connector = connector;
        this.idle = idle;
    }

    /** How many requests a connection has had, and been answered, when that was last another number. */
    private record Progress(long requests, long answers, long sinceNanos) {
        boolean waitsForRequest() {
            return requests == answers;
        }
    }

    @Override
    protected void doStart() {
        again();
    }

    @Override
    protected void doStop() {
        Scheduler.Task task = next;
        if (task != null) {
            task.cancel();
        }
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection.getMessagesIn() >= 0) { // else it is one below, TLS, that has no messages
            open.put(connection, now(connection));
        }
    }

    @Override
    public void onClosed(Connection connection) {
        open.remove(connection);
    }

    private void again() {
        next = connector.getScheduler().schedule(this::look, Math.max(1, idle.toMillis() / 4), TimeUnit.MILLISECONDS);
    }

    private void look() {
        open.forEach((connection, before) -> {
            Progress now = now(connection);
            if (now.requests() != before.requests() || now.answers() != before.answers()) {
                open.replace(connection, before, now);
            } else if (now.waitsForRequest() && now.sinceNanos() - before.sinceNanos() > idle.toNanos()) {
                connection.getEndPoint().close();
            }
        });
        if (isRunning()) {
            again();
        }
    }

    private static Progress now(Connection connection) {
        return new Progress(connection.getMessagesIn(), connection.getMessagesOut(), System.nanoTime());
    }
}
