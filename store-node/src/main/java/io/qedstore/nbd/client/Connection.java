package io.qedstore.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.qedstore.device.Payload;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection behind its handshake: requests go out as they come, those that come together with one write, and are answered in any
 * order. When it ends all of them fail, each once.
 *
 * <p>{@link #send}, {@link #leave} and {@link #cut} may be called by any thread; everything else is the event loop's.
 */
final class Connection extends ByteToMessageDecoder {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private final Channel channel;
    private final String server;
    private final Queue<Outstanding> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Map<Long, Outstanding> underWay = new HashMap<>();
    private final ReplyParser parser = new ReplyParser(underWay::get, this::ended);
    private final CompletableFuture<IOException> gone = new CompletableFuture<>();
    private long lastCookie;
    private @Nullable IOException end;

    Connection(Channel channel, String server) {
        this.channel = channel;
        this.server = server;
    }

    /** Completes when it has ended, with the reason, and every request with it. */
    CompletionStage<IOException> gone() {
        return gone;
    }

    void send(Outstanding request) {
        Payload payload = request.payload();
        if (payload != null) {
            payload.keep();
        }
        waiting.add(request);
        if (!scheduled.getAndSet(true)) {
            try {
                channel.eventLoop().execute(this::drain);
            } catch (RejectedExecutionException e) {
                drain(); // the client is closed: nobody else does it
            }
        }
    }

    private void drain() {
        scheduled.set(false);
        boolean sent = false;
        for (Outstanding next = waiting.poll(); next != null; next = waiting.poll()) {
            IOException ended = end;
            if (ended == null && channel.isActive()) {
                write(next);
                sent = true;
            } else {
                letGo(next.payload());
                next.failed(ended == null ? RemoteErrors.gone("the connection to " + server + " is closed") : ended);
            }
        }
        if (sent) {
            channel.flush();
        }
    }

    private void write(Outstanding request) {
        long cookie = ++lastCookie;
        underWay.put(cookie, request);
        ByteBuf header = channel.alloc().directBuffer(Request.EXTENDED_BYTES);
        request.header(cookie).write(header, true);
        channel.write(header, channel.voidPromise());
        Payload payload = request.payload();
        if (payload != null) {
            channel.write(Unpooled.wrappedBuffer(payload.bytes())).addListener(written -> payload.letGo());
        }
    }

    private static void letGo(@Nullable Payload payload) {
        if (payload != null) {
            payload.letGo();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (end != null) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            parser.take(in);
        } catch (ServerBreachException e) {
            LOG.warn("closing the connection to {}: {}", server, e.getMessage());
            end(e);
            in.skipBytes(in.readableBytes());
            cut();
        }
    }

    private void ended(long cookie, @Nullable IOException failure) {
        Outstanding request = underWay.remove(cookie);
        if (request == null) {
            throw new IllegalStateException("request " + cookie + " has ended twice");
        }
        if (failure == null) {
            request.completion().succeeded();
        } else {
            request.failed(failure);
        }
    }

    /** Says goodbye: nothing is under way any more. */
    void leave() {
        run(() -> {
            ByteBuf goodbye = channel.alloc().directBuffer(Request.EXTENDED_BYTES);
            new Request(0, NbdCommand.DISC.code(), 0, 0, 0).write(goodbye, true);
            channel.writeAndFlush(goodbye).addListener(ChannelFutureListener.CLOSE);
        });
    }

    /** Ends it at once. What the system had not sent yet is thrown away: it must not arrive behind what is sent another way. */
    void cut() {
        run(() -> {
            if (channel.isActive()) {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            }
            ChannelFuture closing = channel.close();
            closing.addListener(closed -> end(RemoteErrors.gone("the connection to " + server + " was cut")));
        });
    }

    private void run(Runnable action) {
        if (channel.eventLoop().inEventLoop()) {
            action.run();
            return;
        }
        try {
            channel.eventLoop().execute(action);
        } catch (RejectedExecutionException e) {
            LOG.debug("the client is closed, and the connection to {} with it", server, e);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        end(RemoteErrors.gone("the connection to " + server + " has ended"));
    }

    private void end(IOException cause) {
        if (end != null) {
            return;
        }
        IOException known = RemoteErrors.gone(String.valueOf(cause.getMessage()));
        end = known;
        List<Outstanding> lost = new ArrayList<>(underWay.values());
        underWay.clear();
        lost.forEach(request -> request.failed(known));
        drain();
        gone.complete(known);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        end(RemoteErrors.gone("the connection to " + server + " has ended"));
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("the connection to {} broke", server, cause);
        } else {
            LOG.error("closing the connection to {}; please report this", server, cause);
        }
        cut();
    }
}
