package io.qedstore.api.http;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.server.handler.QoSHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty, with our limits. */
final class JettySetup {
    /** For accepting, selecting and what is not counted among the requests. */
    private static final int MORE_THREADS = 16;

    /** A name in a path may hold what is encoded there, whatever it is; nothing here makes a file's path of it. */
    private static final UriCompliance NAMES_ARE_NAMES = UriCompliance.RFC3986.with(
            "NAMES",
            Violation.AMBIGUOUS_PATH_SEPARATOR,
            Violation.AMBIGUOUS_PATH_SEGMENT,
            Violation.AMBIGUOUS_PATH_ENCODING,
            Violation.AMBIGUOUS_PATH_PARAMETER);

    private final ApiSettings settings;

    JettySetup(ApiSettings settings) {
        this.settings = settings;
    }

    /** What waits for a thread is bounded by the number of connections. */
    QueuedThreadPool threads() {
        int most = settings.limits().requests() + MORE_THREADS;
        QueuedThreadPool threads = new ApiThreads(most);
        threads.setName("api");
        return threads;
    }

    /** Requests that are under way may end when the server closes; others wait for their turn, as long and as many as may. */
    void configure(Server server) {
        ApiLimits limits = settings.limits();
        QoSHandler turns = new QoSHandler();
        turns.setMaxRequestCount(limits.requests());
        turns.setMaxSuspendedRequestCount(limits.waitingRequests());
        turns.setMaxSuspend(limits.turnTimeout());
        turns.excludePath(NodeRoutes.HEALTH + "*", NodeRoutes.METRICS);
        server.setHandler(new GracefulHandler(turns));
        server.setErrorHandler(new RejectedRequests());
        server.setStopTimeout(settings.close().toMillis());
        server.setStopAtShutdown(false);
    }

    void configure(HttpConfiguration http) {
        ApiLimits limits = settings.limits();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(limits.headerBytes());
        http.setUriCompliance(NAMES_ARE_NAMES);
        http.setOutputBufferSize(Transfer.PIECE_BYTES);
    }

    ServerConnector connector(
            Server server, HttpConfiguration http, InetSocketAddress address, Optional<JettyTls> tls) {
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        ServerConnector connector;
        if (tls.isPresent()) {
            http.addCustomizer(new SecureRequestCustomizer(false));
            connector =
                    new ServerConnector(server, 1, 1, new SslConnectionFactory(tls.get(), plain.getProtocol()), plain);
        } else {
            connector = new ServerConnector(server, 1, 1, plain);
        }
        connector.setHost(address.getAddress().getHostAddress());
        connector.setPort(address.getPort());
        connector.setIdleTimeout(settings.limits().idle().toMillis());
        connector.setShutdownIdleTimeout(1000);
        server.addBean(new NetworkConnectionLimit(settings.limits().connections(), connector));
        connector.addBean(new UnfinishedRequests(connector, settings.limits().idle()));
        return connector;
    }
}
