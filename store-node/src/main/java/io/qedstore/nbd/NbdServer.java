package io.qedstore.nbd;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves exports over NBD, on any number of TCP and unix sockets.
 *
 * <p>A connection belongs to one event loop, which parses its requests and answers from memory what it can. What may wait
 * for a disk runs on the workers, so a slow disk holds up only the requests that need it.
 *
 * <p>Thread-safe. Closing lets requests in flight finish within the deadline; it flushes nothing and closes no device.
 */
public final class NbdServer implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServer.class);

    private static final int BACKLOG = 1024;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 << 10, 256 << 10);
    private static final int WORKERS = 32;

    private static final int LONG_RANGE_WORKERS = 4;

    private static final int THREAD_IDLE_SECONDS = 60;
    private static final int HALF_OPEN_GRACE_MS = 300;

    private final Transport transport = Transport.best();
    private final EventLoopGroup eventLoops;
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor longRangeWorkers;
    private final ThreadPoolExecutor negotiators;
    private final ServerLimits limits;
    private final ServerContext context;
    private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final List<UnixSocketFile> socketFiles = new ArrayList<>();
    private volatile boolean shuttingDown;

    /** Whether somebody waited for memory at the last look. Used by the event loop that looks. */
    private boolean wasContended;

    /** @param tlsContext asked for each TLS handshake; not called with {@link TlsMode#OFF} */
    public NbdServer(Exports exports, TlsMode tlsMode, Supplier<SslContext> tlsContext, ServerLimits limits) {
        this.limits = limits;
        this.eventLoops =
                transport.newEventLoops(Math.max(2, Runtime.getRuntime().availableProcessors()));
        this.workers = threads("nbd-worker", WORKERS);
        this.longRangeWorkers = threads("nbd-long-range", LONG_RANGE_WORKERS);
        // as many as may negotiate at a time: those who wait for their image keep nobody else waiting
        this.negotiators = threads("nbd-handshake", limits.maxHandshakes());
        this.context = new ServerContext(
                exports,
                tlsMode,
                tlsContext,
                limits,
                new MemoryBudget(limits.maxBytes()),
                workers,
                longRangeWorkers,
                negotiators,
                new HalfOpenConnections(limits.maxHandshakes()),
                () -> shuttingDown);
        eventLoops.next().scheduleWithFixedDelay(this::closeStalled, 1, 1, TimeUnit.SECONDS);
    }

    private static ThreadPoolExecutor threads(String name, int count) {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                count,
                count,
                THREAD_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory(name, true));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /**
     * Listens on a TCP address.
     *
     * @param address with port 0 for any that is free
     * @return the address with the port that it has become
     */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        ServerBootstrap bootstrap = bootstrap()
                .channel(transport.tcpServerChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
        return (InetSocketAddress) bind(bootstrap, address, address).localAddress();
    }

    /**
     * Listens on a unix socket. A socket file that a dead server left behind is replaced.
     *
     * @param mode of the socket file: who may write to it may connect
     */
    public void listen(Path path, Set<PosixFilePermission> mode) throws IOException {
        UnixSocketFile file = new UnixSocketFile(path);
        file.makeWay();
        ServerBootstrap bootstrap = bootstrap().channel(transport.unixServerChannel());
        Channel listener = bind(bootstrap, transport.unixAddress(file.bindPath()), path);
        synchronized (socketFiles) {
            socketFiles.add(file);
        }
        try {
            file.bound(mode);
        } catch (IOException e) {
            listener.close().syncUninterruptibly();
            throw e;
        }
    }

    private ServerBootstrap bootstrap() {
        return new ServerBootstrap()
                .group(eventLoops)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true) // clients may, after DISC, and still read replies
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                });
    }

    /** @param place by what name people know the address */
    private Channel bind(ServerBootstrap bootstrap, SocketAddress address, Object place) throws IOException {
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + place + ": " + bound.cause().getMessage(), bound.cause());
        }
        listeners.add(bound.channel());
        return bound.channel();
    }

    private void accept(Channel channel) {
        if (shuttingDown || connections.size() >= limits.maxConnections()) {
            LOG.warn(
                    "refusing a connection: there are {} already, and the server takes {}",
                    connections.size(),
                    limits.maxConnections());
            channel.close();
            return;
        }
        connections.add(channel);
        channel.config().setRecvByteBufAllocator(new ReceiveBuffers());
        channel.pipeline().addLast("handshake", new HandshakeHandler(context));
    }

    /** How many clients are connected. */
    public int connections() {
        return connections.size();
    }

    private void closeStalled() {
        boolean contended = context.budget().isContended();
        long now = System.nanoTime();
        if (contended || wasContended) { // one look more, so that what was seen is forgotten
            forEachTransmission(transmission -> transmission.closeIfStalled(contended, now));
        }
        wasContended = contended;
    }

    private void forEachTransmission(Consumer<TransmissionHandler> action) {
        for (Channel channel : connections) {
            TransmissionHandler transmission = channel.pipeline().get(TransmissionHandler.class);
            if (transmission != null) {
                channel.eventLoop().execute(() -> action.accept(transmission));
            }
        }
    }

    /** Takes no more requests, lets those in flight finish, and closes every connection. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (shuttingDown) {
                return;
            }
            shuttingDown = true;
        }
        listeners.close().awaitUninterruptibly();
        context.halfOpen().closeAfter(HALF_OPEN_GRACE_MS);
        forEachTransmission(TransmissionHandler::shutDown);
        if (!connections
                .newCloseFuture()
                .awaitUninterruptibly(limits.closeDeadline().toMillis())) {
            LOG.warn("{} connections did not end in time", connections.size());
            connections.close().awaitUninterruptibly();
        }
        for (ThreadPoolExecutor pool : List.of(workers, longRangeWorkers, negotiators)) {
            end(pool);
        }
        eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        synchronized (socketFiles) {
            for (UnixSocketFile file : socketFiles) {
                file.remove();
            }
        }
    }

    /** Waits for what is running: its device is about to be closed. Requests that have not begun end at once. */
    private void end(ThreadPoolExecutor pool) {
        pool.shutdown();
        boolean ended = false;
        try {
            ended = pool.awaitTermination(limits.closeDeadline().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            LOG.error("requests are still under way although every connection is closed");
        }
    }
}
