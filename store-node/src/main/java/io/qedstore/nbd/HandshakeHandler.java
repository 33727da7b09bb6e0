package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.qedstore.device.Completion;
import io.qedstore.nbd.HandshakeOutcome.Close;
import io.qedstore.nbd.HandshakeOutcome.NextOption;
import io.qedstore.nbd.HandshakeOutcome.StartTls;
import io.qedstore.nbd.HandshakeOutcome.Transmit;
import io.qedstore.nbd.wire.Magic;
import io.qedstore.nbd.wire.NbdLimits;
import io.qedstore.nbd.wire.OptionReplies;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the bytes of a connection's handshake to its {@link Handshake}, option by option, and what comes of it back. Once
 * requests may come, a {@link TransmissionHandler} takes its place and the bytes that are here already.
 *
 * <p>Runs on the connection's event loop; options are answered on a negotiating thread, one at a time, with nothing more read
 * from the socket meanwhile.
 */
final class HandshakeHandler extends ByteToMessageDecoder {
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeHandler.class);

    /** Option data that are looked at: room for a name and many queries. */
    private static final int MAX_OPTION_BYTES = (64 << 10) + NbdLimits.MAX_STRING_BYTES;

    /** Option data that are thrown away without ending the connection. */
    private static final long MAX_EATEN_BYTES = 1 << 20;

    private static final int OPTION_HEADER_BYTES = 16;

    /** For a second: whoever holds the export may have said goodbye, and just have to finish what it asked for before. */
    private static final int ATTACH_ATTEMPTS = 20;

    private static final int ATTACH_PAUSE_MS = 50;

    /** So long may the opening of an export take on top. */
    private static final int MAX_SECONDS_LATE = 30;

    private enum Phase {
        CLIENT_FLAGS,
        OPTION,
        /** The data of an option that is too long are on their way. */
        EATING,
        /** An option is being answered. */
        BUSY,
        ENDED
    }

    private final ServerContext server;
    private final Handshake handshake;
    private Phase phase = Phase.CLIENT_FLAGS;
    private int options;
    private int oversizedOption;
    private long leftToEat;
    private @Nullable Future<?> deadline;

    /** An export is being found or made ready. */
    private boolean isBeingOpened;

    private int secondsLate;

    /** Requests may come, and whoever carries them out has the attachment. */
    private boolean transmitting;

    HandshakeHandler(ServerContext server) {
        this.server = server;
        this.handshake = new Handshake(server.exports(), server.tlsMode(), server.shuttingDown());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        server.halfOpen().add(ctx.channel());
        closeAfter(ctx, server.limits().handshakeDeadline().toMillis());
        ByteBuf greeting = ctx.alloc().directBuffer();
        OptionReplies.greeting(greeting);
        ctx.writeAndFlush(greeting);
    }

    private void closeAfter(ChannelHandlerContext ctx, long millis) {
        deadline = ctx.executor().schedule(() -> late(ctx), millis, TimeUnit.MILLISECONDS);
    }

    /** Its time is over, unless it waits for an export that is being opened: that is for those to bound who open it. */
    private void late(ChannelHandlerContext ctx) {
        if (isBeingOpened && secondsLate++ < MAX_SECONDS_LATE) {
            closeAfter(ctx, 1000);
        } else {
            LOG.debug("{} did not finish its handshake in time", ctx.channel());
            ctx.close();
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        server.halfOpen().remove(ctx.channel());
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        switch (phase) {
            case CLIENT_FLAGS -> clientFlags(ctx, in);
            case OPTION -> option(ctx, in);
            case EATING -> eat(ctx, in);
            case BUSY -> {}
            case ENDED -> in.skipBytes(in.readableBytes());
        }
    }

    private void clientFlags(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readableBytes() < Integer.BYTES) {
            return;
        }
        if (handshake.clientFlags(in.readInt())) {
            phase = Phase.OPTION;
        } else {
            end(ctx);
        }
    }

    private void end(ChannelHandlerContext ctx) {
        phase = Phase.ENDED;
        ctx.close();
    }

    private void option(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readableBytes() < OPTION_HEADER_BYTES) {
            return;
        }
        int start = in.readerIndex();
        long magic = in.getLong(start);
        int code = in.getInt(start + Long.BYTES);
        long length = in.getUnsignedInt(start + Long.BYTES + Integer.BYTES);
        if (magic != Magic.IHAVEOPT
                || length > MAX_EATEN_BYTES
                || options == server.limits().maxOptions()) {
            end(ctx);
        } else if (length > MAX_OPTION_BYTES) {
            in.skipBytes(OPTION_HEADER_BYTES);
            options++;
            phase = Phase.EATING;
            oversizedOption = code;
            leftToEat = length;
        } else if (in.readableBytes() >= OPTION_HEADER_BYTES + length) {
            in.skipBytes(OPTION_HEADER_BYTES);
            options++;
            answer(ctx, code, in.readBytes((int) length));
        }
    }

    private void eat(ChannelHandlerContext ctx, ByteBuf in) {
        int eaten = (int) Math.min(leftToEat, in.readableBytes());
        in.skipBytes(eaten);
        leftToEat -= eaten;
        if (leftToEat == 0) {
            ByteBuf reply = ctx.alloc().directBuffer();
            HandshakeOutcome outcome = handshake.oversized(oversizedOption, reply);
            phase = Phase.BUSY;
            ctx.executor().execute(() -> proceed(ctx, outcome, reply));
        }
    }

    private void answer(ChannelHandlerContext ctx, int code, ByteBuf data) {
        phase = Phase.BUSY;
        isBeingOpened = true;
        ctx.channel().config().setAutoRead(false);
        try {
            server.negotiators().execute(() -> {
                ByteBuf reply = ctx.alloc().directBuffer();
                HandshakeOutcome outcome;
                try {
                    outcome = handshake.option(code, data, reply);
                } catch (RuntimeException e) {
                    LOG.error("option {} of {} failed; please report this", code, ctx.channel(), e);
                    outcome = new Close();
                } finally {
                    data.release();
                }
                HandshakeOutcome next = outcome;
                ctx.executor().execute(() -> proceed(ctx, next, reply));
            });
        } catch (RejectedExecutionException e) {
            data.release();
            end(ctx);
        }
    }

    private void proceed(ChannelHandlerContext ctx, HandshakeOutcome outcome, ByteBuf reply) {
        isBeingOpened = false;
        if (!ctx.channel().isActive()) {
            reply.release();
            return;
        }
        if (outcome instanceof NextOption) {
            ctx.writeAndFlush(reply);
            resume(ctx);
        } else if (outcome instanceof StartTls) {
            ctx.writeAndFlush(reply);
            startTls(ctx);
        } else if (outcome instanceof Transmit transmit) {
            Export export = transmit.session().export();
            export.letIn(() -> ctx.executor().execute(() -> attach(ctx, transmit, reply, ATTACH_ATTEMPTS)));
        } else {
            phase = Phase.ENDED;
            ctx.writeAndFlush(reply).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Goes on with the bytes that came while an option was being answered, and with those to come. */
    private void resume(ChannelHandlerContext ctx) {
        phase = Phase.OPTION;
        ctx.channel().config().setAutoRead(true);
        try {
            channelRead(ctx, Unpooled.EMPTY_BUFFER);
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    /**
     * Puts TLS in front. Bytes that came in clear after the option go through it like all others, so that nobody can smuggle
     * options into the encrypted part.
     */
    private void startTls(ChannelHandlerContext ctx) {
        SslHandler tls;
        try {
            tls = server.tlsContext().get().newHandler(ctx.alloc());
        } catch (RuntimeException e) {
            LOG.error("TLS cannot be started for {}", ctx.channel(), e);
            end(ctx);
            return;
        }
        tls.setHandshakeTimeoutMillis(server.limits().handshakeDeadline().toMillis());
        ByteBuf early = internalBuffer().readBytes(actualReadableBytes());
        handshake.tlsStarted();
        phase = Phase.OPTION;
        ctx.pipeline().addFirst(tls);
        ctx.channel().config().setAutoRead(true);
        if (early.isReadable()) {
            ctx.pipeline().fireChannelRead(early).fireChannelReadComplete();
        } else {
            early.release();
        }
    }

    private void attach(ChannelHandlerContext ctx, Transmit transmit, ByteBuf reply, int attempts) {
        if (!ctx.channel().isActive()) {
            reply.release();
            return;
        }
        Attachment attachment;
        try {
            attachment = transmit.session().export().attach(PeerIdentity.of(ctx.channel()));
        } catch (AlreadyAttachedException e) {
            if (attempts > 1) {
                Runnable again = () -> attach(ctx, transmit, reply, attempts - 1);
                ctx.executor().schedule(again, ATTACH_PAUSE_MS, TimeUnit.MILLISECONDS);
            } else {
                LOG.info("{} must not write to '{}': {}", ctx.channel(), name(transmit), e.getMessage());
                proceed(ctx, Handshake.held(transmit, e, reply), reply);
            }
            return;
        }
        awaitService(ctx, transmit, attachment, reply);
    }

    /** Whoever goes away meanwhile leaves nothing behind that would have to be waited for. */
    private void awaitService(ChannelHandlerContext ctx, Transmit transmit, Attachment attachment, ByteBuf reply) {
        isBeingOpened = true;
        ctx.channel().closeFuture().addListener(closed -> {
            if (!transmitting) {
                attachment.release();
            }
        });
        transmit.session().export().device().whenServed(new Completion() {
            @Override
            public void succeeded() {
                served(null);
            }

            @Override
            public void failed(IOException cause) {
                served(cause);
            }

            private void served(@Nullable IOException failure) {
                if (ctx.executor().inEventLoop()) {
                    HandshakeHandler.this.served(ctx, transmit, attachment, reply, failure);
                } else {
                    ctx.executor()
                            .execute(() -> HandshakeHandler.this.served(ctx, transmit, attachment, reply, failure));
                }
            }
        });
    }

    private void served(
            ChannelHandlerContext ctx,
            Transmit transmit,
            Attachment attachment,
            ByteBuf reply,
            @Nullable IOException failure) {
        if (!ctx.channel().isActive()) {
            reply.release();
        } else if (failure == null) {
            transmitting = true;
            transmit(ctx, transmit.session(), attachment, reply);
        } else {
            attachment.release();
            LOG.info("{} cannot use '{}': {}", ctx.channel(), name(transmit), failure.getMessage());
            proceed(ctx, Handshake.unserved(transmit, failure, reply), reply);
        }
    }

    private static String name(Transmit transmit) {
        return transmit.session().export().name();
    }

    private void transmit(ChannelHandlerContext ctx, Session session, Attachment attachment, ByteBuf reply) {
        ctx.writeAndFlush(reply);
        TransmissionHandler transmission = new TransmissionHandler(server, session, attachment, ctx.channel());
        ctx.pipeline().replace(this, "transmission", transmission);
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            ctx.close();
        }
        super.userEventTriggered(ctx, event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("handshake with {} ended", ctx.channel(), cause);
        ctx.close();
    }
}
