package io.qedstore.nbd.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Connects to exports of other servers. The connections share a few threads, which end with this object. */
public final class RemoteDisks implements Closeable {
    private static final int CONNECT_MS = 5000;

    /** So long the system goes on sending what a server does not acknowledge. */
    private static final int UNACKNOWLEDGED_MS = 30_000;

    private final EventLoopGroup eventLoops;
    private final Supplier<SslContext> tls;
    private final Duration patience;

    /**
     * @param tls asked for each export that wants TLS
     * @param patience from connecting to the end of the handshake, in which the server may wait for others
     */
    public RemoteDisks(Supplier<SslContext> tls, Duration patience) {
        this.tls = tls;
        this.patience = patience;
        this.eventLoops = new MultiThreadIoEventLoopGroup(
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                new DefaultThreadFactory("nbd-client", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /**
     * Opens an export. Whoever cancels what this returns gets no device, and the connection is closed.
     *
     * @return fails with an {@link ExportRefusedException} if the server says no
     */
    public CompletableFuture<RemoteDevice> open(RemoteExport export) {
        CompletableFuture<RemoteDevice> opened = new CompletableFuture<>();
        Bootstrap bootstrap = new Bootstrap()
                .group(eventLoops)
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast("handshake", new ClientHandshake(export, tls, opened));
                    }
                });
        if (Epoll.isAvailable()) {
            bootstrap.option(EpollChannelOption.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS);
        }
        ChannelFuture connecting = bootstrap.connect(export.address());
        connecting.addListener(connected -> {
            if (!connected.isSuccess()) {
                opened.completeExceptionally(new IOException(
                        export + " cannot be reached: " + connected.cause().getMessage(), connected.cause()));
            }
        });
        Channel channel = connecting.channel();
        Future<?> deadline = channel.eventLoop()
                .schedule(
                        () -> opened.completeExceptionally(new IOException(
                                export + " did not open the export within " + patience.toSeconds() + " s")),
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
        opened.whenComplete((device, failure) -> {
            deadline.cancel(false);
            if (failure != null) {
                channel.close();
            }
        });
        return opened;
    }

    /** Ends all connections; everything that was not answered fails. */
    @Override
    public void close() {
        eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
