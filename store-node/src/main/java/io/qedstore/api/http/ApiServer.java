package io.qedstore.api.http;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinException;
import io.qedstore.api.NodeService;
import io.qedstore.security.ReloadingJdkTls;
import io.qedstore.security.ReloadingTokens;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves a node's API over HTTP. Listens once; not to be used again after it was closed. */
public final class ApiServer implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);

    private final ApiSettings settings;
    private final Optional<ReloadingJdkTls> tls;
    private final List<Route> routes;
    private final Dispatch dispatch;
    private final ProblemAnswers problems;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "api-clock");
        thread.setDaemon(true);
        return thread;
    });

    /** Guarded by this object's monitor. */
    private @Nullable Javalin server;

    /** @throws IOException if the TLS files cannot be used, or the tokens */
    public ApiServer(NodeService node, ApiSettings settings) throws IOException {
        this.settings = settings;
        this.tls = settings.tls().isPresent()
                ? Optional.of(new ReloadingJdkTls(settings.tls().get()))
                : Optional.empty();
        Optional<SSLContext> client = tls.isPresent() ? Optional.of(tls.get().client()) : Optional.empty();
        Optional<ReloadingTokens> tokens = settings.tokens().isPresent()
                ? Optional.of(new ReloadingTokens(settings.tokens().get()))
                : Optional.empty();
        Peers peers = new Peers(node, settings.peers(), settings.peerToken(), client);
        Transfer transfer = new Transfer(clock, settings.limits().pieceTimeout());
        this.dispatch = new Dispatch(
                settings.limits(),
                new Access(tokens, new AuthFailures(System::nanoTime)),
                new Forwarding(peers, transfer, settings.limits().downloads()));
        this.routes = table(node, peers, transfer, settings.limits());
        this.problems = new ProblemAnswers(routes);
    }

    /** All that can be asked, with the document that tells of it. */
    private static List<Route> table(NodeService node, Peers peers, Transfer transfer, ApiLimits limits) {
        List<Route> table = new ArrayList<>();
        table.addAll(ImageRoutes.of(node));
        table.addAll(SnapshotRoutes.of(node, new GroupSnapshots(node, peers)));
        table.addAll(RewindRoutes.of(node));
        table.addAll(RetentionRoutes.of(node));
        table.addAll(HistoryRoutes.of(node));
        table.addAll(ReplicaRoutes.of(node, new CopySurvey(node, peers)));
        table.addAll(VerifyRoutes.of(node, new VerifySurvey(node, peers)));
        table.addAll(CopyRoutes.of(node, transfer, limits.downloads()));
        table.addAll(ExportRoutes.of(node, new ExportDownload(transfer, limits.downloads())));
        table.addAll(ImportRoutes.of(node));
        table.addAll(NodeRoutes.of(node));
        OpenApiRoute.addTo(table);
        return List.copyOf(table);
    }

    /**
     * Begins to serve.
     *
     * @param address with port 0 for any that is free
     * @return where it listens
     * @throws IOException if it cannot listen there
     */
    public synchronized InetSocketAddress listen(InetSocketAddress address) throws IOException {
        if (server != null) {
            throw new IllegalStateException("it listens already");
        }
        Javalin starting = Javalin.create(config -> configure(config, address));
        server = starting;
        try {
            starting.start();
        } catch (RuntimeException e) {
            close();
            throw new IOException("cannot serve the API at " + address + ": " + Reason.of(e), e);
        }
        return new InetSocketAddress(address.getAddress(), starting.port());
    }

    private void configure(JavalinConfig config, InetSocketAddress address) {
        JettySetup jetty = new JettySetup(settings);
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.http.generateEtags = false;
        config.router.treatMultipleSlashesAsSingleSlash = false;
        config.router.ignoreTrailingSlashes = false;
        config.jetty.threadPool = jetty.threads();
        config.jetty.modifyServer(jetty::configure);
        config.jetty.modifyHttpConfiguration(jetty::configure);
        config.jetty.modifyServletContextHandler(context -> {
            context.setErrorHandler(new RejectedRequests());
            context.getServletHandler().setDecodeAmbiguousURIs(true);
        });
        config.jetty.addConnector((on, http) -> jetty.connector(on, http, address, tls.map(JettyTls::new)));
        for (Route route : routes) {
            config.routes.addHttpHandler(
                    HandlerType.findOrCreate(route.method()), route.path(), context -> serve(route, context));
            if (route.method().equals("GET")) {
                config.routes.addHttpHandler(HandlerType.HEAD, route.path(), context -> serve(route, context));
            }
        }
        config.routes.exception(HttpResponseException.class, (error, context) -> problems.noRoute(context));
    }

    /** Javalin sees no exception: it has meanings of its own for some that come from the network. */
    private void serve(Route route, Context context) {
        long begun = System.nanoTime();
        try {
            dispatch.run(route, context);
        } catch (Throwable e) { // an Error, too, is answered: Javalin would leave the client waiting
            problems.answer(e, context);
        } finally {
            Audit.note(context, System.nanoTime() - begun);
        }
    }

    /** Refuses new requests, waits for those under way, and ends those that take too long. */
    @Override
    public synchronized void close() {
        if (server != null) {
            try {
                server.stop();
            } catch (JavalinException e) {
                LOG.warn(
                        "requests that were under way have not ended within {} s and were broken off",
                        settings.close().toSeconds(),
                        e);
            }
        }
        clock.shutdownNow();
    }
}
