package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.Request;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transmission phase of one connection: takes requests as they come, and brings replies back in the order in which they
 * end.
 *
 * <p>Requests that can be answered from memory are, on the spot; the others go to the workers. All that is parsed from one
 * read of the socket is answered with one write, as far as it is done by then. When the connection has too much in flight,
 * or too many replies that its client does not read, nothing more is read from its socket.
 *
 * <p>Everything runs on the connection's event loop, except where a method says otherwise. The class is long because each of
 * its ways (in, under way, back, the end) decides over the same few states, and they are read best side by side.
 */
final class TransmissionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(TransmissionHandler.class);

    /** Longer reads and writes are not done on the event loop, unless they are sent from a file. */
    private static final int MAX_INLINE_BYTES = 128 << 10;

    /** The same for reads that may be sent from a file, which costs no more than finding out where they lie. */
    private static final int MAX_INLINE_FILE_BYTES = 1 << 20;

    /** With more than this of a connection's requests held back for the device's limits, no more are taken. */
    private static final long MAX_HELD_BACK_BYTES = 4 << 20;

    /** How long requests in flight may take to end when the export does. */
    private static final int END_GRACE_MS = 1000;

    private final ServerContext server;
    private final Session session;
    private final Attachment attachment;
    private final Channel channel;
    private final HeldBack heldBack;
    private final RequestReader reader;
    private final RequestRunner runner;
    private final InFlight inFlight;
    private final ReplySender replies;
    private final CompletionQueue completions;
    private final StallWatch stallWatch = new StallWatch();
    private final boolean encrypted;

    /** What was received and not looked at yet. */
    private final Queue<ByteBuf> received = new ArrayDeque<>(2);

    /** Who waits for the client to be heard of. */
    private final TouchWaiters touchWaiters = new TouchWaiters();

    /** A request that waits for room before it goes to the workers. */
    private @Nullable PendingRequest parked;

    /** Data of requests that were held back and have not ended. */
    private long heldBackBytes;

    private boolean taking;
    /** The device was given writes, and not told yet that these were all for now. */
    private boolean plugged;

    /** It is being found out whether the socket is empty. */
    private boolean settling;

    /** The client sends nothing more. */
    private boolean allReceived;

    /** No more requests are taken: the client has said goodbye, or the server is closing. */
    private boolean ending;

    private boolean ended;

    /** Its client has another connection, and this one is about to close. */
    private boolean beingReplaced;

    /** Workers look at it before they begin: what a closed connection has not begun is dropped. */
    private volatile boolean closed;

    /** @param attachment released once nothing of this connection can take effect any more */
    TransmissionHandler(ServerContext server, Session session, Attachment attachment, Channel channel) {
        this.server = server;
        this.session = session;
        this.attachment = attachment;
        this.channel = channel;
        this.heldBack = new HeldBack(session.export().device().throttle());
        this.encrypted = channel.pipeline().get(SslHandler.class) != null;
        RequestValidator validator = new RequestValidator(session);
        this.inFlight = new InFlight(server.limits(), server.budget(), channel.eventLoop(), this::resume);
        this.reader = new RequestReader(session, validator, channel.alloc(), inFlight::admit);
        this.runner = new RequestRunner(session, validator, channel.alloc(), !encrypted);
        this.replies =
                new ReplySender(session, channel, stallWatch, server.limits().maxRequests(), this::resume);
        this.completions = new CompletionQueue(channel.eventLoop(), this::finishAll);
    }

    // ---- requests in

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (reader.isIncompletePayload(bytes)) { // received right into its place
            stallWatch.moved(receiveBuffers().lastBytesRead());
            bytes.release();
            received.add(Unpooled.EMPTY_BUFFER);
        } else {
            stallWatch.moved(bytes.readableBytes());
            received.add(bytes);
        }
        take();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        replies.flush();
        endIfDone();
        answerWhoWaitsForTouch();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        session.export().connections().add(this);
    }

    /**
     * Runs something once all that the client had sent by now was read, or so much since that the client must have sent it
     * since, or the connection is closed. Where nothing is being carried out and still nothing is read, it is for clients to
     * go on, and what is in the socket does nothing until then. Called by any thread.
     */
    void whenInTouch(Runnable action) {
        try {
            channel.eventLoop().execute(() -> {
                touchWaiters.add(action, stallWatch.movedBytes());
                answerWhoWaitsForTouch();
            });
        } catch (RejectedExecutionException e) {
            action.run(); // the server is gone, and the connection with it
        }
    }

    private void answerWhoWaitsForTouch() {
        if ((beingReplaced || !channel.isOpen()) && !closed) {
            return; // what it leaves behind is known when it is closed
        }
        boolean nothingRuns = inFlight.requests() == (parked == null ? 0 : 1);
        boolean allRead = closed || (received.isEmpty() ? receiveBuffers().isDrained() : nothingRuns);
        touchWaiters.answer(allRead, stallWatch.movedBytes());
        if (!touchWaiters.isEmpty()
                && !settling
                && received.isEmpty()
                && channel.config().isAutoRead()) {
            settling = true;
            settle(receiveBuffers().turns());
        }
    }

    /**
     * Finds out whether the socket is empty where nothing was received since a pause. What is scheduled from a scheduled task
     * runs after the event loop has looked at its sockets, and received what was there.
     */
    private void settle(long turns) {
        EventExecutor eventLoop = channel.eventLoop();
        Runnable look = () -> {
            settling = false;
            if (turns == receiveBuffers().turns() && channel.config().isAutoRead()) {
                receiveBuffers().foundEmpty();
            }
            answerWhoWaitsForTouch();
        };
        eventLoop.schedule(() -> eventLoop.schedule(look, 0, TimeUnit.NANOSECONDS), 0, TimeUnit.NANOSECONDS);
    }

    /** Takes requests while there are bytes and room. */
    private void take() {
        taking = true;
        try {
            for (ByteBuf bytes = received.peek(); bytes != null && (ending || mayTake()); bytes = received.peek()) {
                IncomingRequest incoming = ending ? null : reader.next(bytes);
                if (incoming != null) {
                    accept(incoming);
                } else if (!ending && reader.isBlocked()) {
                    break;
                } else {
                    received.remove().release();
                }
            }
        } catch (ProtocolBreachException e) {
            LOG.warn("closing the connection of {}: {}", channel, e.getMessage());
            ending = true; // what is still there is not to be looked at
            ended = true;
            channel.close();
        } finally {
            taking = false;
            if (plugged) { // what ends in it may make room for what is left
                plugged = false;
                runner.unplug();
            }
        }
        if (allReceived && received.isEmpty() && !ending) {
            channel.close(); // what looked like a goodbye was none
            return;
        }
        aimReceiver();
        if (!received.isEmpty()) {
            receiveBuffers().pause();
        }
        channel.config().setAutoRead(received.isEmpty());
    }

    private boolean mayTake() {
        return parked == null
                && inFlight.hasRoomForRequest()
                && replies.hasRoom()
                && heldBackBytes <= MAX_HELD_BACK_BYTES;
    }

    private void aimReceiver() {
        if (!encrypted) {
            receiveBuffers().receiveInto(received.isEmpty() && !ending ? reader.incompletePayload() : null);
        }
    }

    private ReceiveBuffers receiveBuffers() {
        return channel.config().getRecvByteBufAllocator();
    }

    /** Goes on with what had to wait. */
    private void resume() {
        if (closed || taking) {
            return;
        }
        PendingRequest waiting = parked;
        if (waiting != null) {
            parked = null;
            handOn(waiting);
        }
        take();
        replies.flush();
        endIfDone();
        answerWhoWaitsForTouch();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            resume();
        }
    }

    private void accept(IncomingRequest incoming) {
        Request request = incoming.header();
        NbdCommand command = incoming.command();
        if (ending || command == NbdCommand.DISC) {
            ending = true; // whatever comes after it
            dropPayload(incoming);
        } else if (incoming.refusal() != null || command == null) {
            Refusal refusal = Objects.requireNonNull(incoming.refusal(), "an unknown command was not refused");
            replies.error(request, refusal.errno(), refusal.text());
        } else if (server.shuttingDown().getAsBoolean()) {
            dropPayload(incoming);
            replies.error(request, NbdErrno.ESHUTDOWN, "this server is shutting down");
        } else if (request.length() == 0 && command != NbdCommand.FLUSH && command != NbdCommand.BLOCK_STATUS) {
            replies.nothing(request, command);
        } else if (command == NbdCommand.READ) {
            read(incoming);
        } else {
            PendingRequest pending = new PendingRequest(incoming, command, this::ended, () -> closed);
            inFlight.started(pending);
            boolean begins = isFree(pending) || heldBack.tryBegin(request.length());
            if (!begins) {
                holdBack(pending);
            }
            boolean inline = begins && command == NbdCommand.WRITE && request.length() <= MAX_INLINE_BYTES;
            if (inline && runner.writeNow(pending)) {
                plugged = true;
            } else {
                handOn(pending);
            }
        }
    }

    /** Whether the device's throttle is not asked for it, or asked for each of its steps. */
    private static boolean isFree(PendingRequest pending) {
        return switch (pending.command()) {
            case FLUSH, BLOCK_STATUS, DISC, RESIZE -> true;
            case TRIM, CACHE, WRITE_ZEROES -> LongRange.is(pending);
            case READ, WRITE -> false;
        };
    }

    private void holdBack(PendingRequest pending) {
        pending.holdBack();
        heldBackBytes += pending.dataBytes();
    }

    private void dropPayload(IncomingRequest incoming) {
        ReferenceCountUtil.release(incoming.payload());
        inFlight.release(incoming.chargedBytes());
    }

    private void read(IncomingRequest incoming) {
        Request request = incoming.header();
        boolean begins = heldBack.tryBegin(request.length());
        if (begins && request.length() <= (encrypted ? MAX_INLINE_BYTES : MAX_INLINE_FILE_BYTES)) {
            try {
                ReadAssembly reply = runner.readNow(request, replies.buffer());
                if (reply != null) {
                    replies.read(reply);
                    return;
                }
            } catch (IOException e) {
                replies.failure(request, e);
                return;
            } catch (OutOfMemoryError e) {
                replies.error(request, NbdErrno.ENOMEM, "no memory for this request now");
                return;
            }
        }
        PendingRequest pending = new PendingRequest(incoming, NbdCommand.READ, this::ended, () -> closed);
        inFlight.started(pending);
        if (begins) {
            handOn(pending);
        } else { // it holds no memory while it waits
            holdBack(pending);
            whenItMayBegin(pending, () -> channel.eventLoop()
                    .execute(() -> inFlight.whenGranted(request.length(), () -> {
                        pending.charge(request.length());
                        giveToWorkers(pending);
                    })));
        }
    }

    // ---- requests under way

    /** Gives a request to the workers, once there is room for what it needs. */
    private void handOn(PendingRequest pending) {
        pending.ownPayload();
        long cost = pending.costBytes();
        if (pending.chargedBytes() < cost) {
            inFlight.release(pending.chargedBytes()); // what one request holds is taken and given back in one piece
            pending.charge(0);
            if (!inFlight.admit(cost)) {
                parked = pending;
                return;
            }
            pending.charge(cost);
        }
        AdaptivePolling.handedOn();
        if (LongRange.is(pending)) {
            new LongRange(pending, runner, server.longRangeWorkers(), heldBack, () -> closed).proceed();
        } else if (pending.isHeldBack()) {
            whenItMayBegin(pending, () -> giveToWorkers(pending));
        } else {
            giveToWorkers(pending);
        }
    }

    /** @param action run by any thread when the device's throttle lets the request begin */
    private void whenItMayBegin(PendingRequest pending, Runnable action) {
        heldBack.begin(pending.header().length(), new Completion() {
            @Override
            public void succeeded() {
                try {
                    action.run();
                } catch (RejectedExecutionException e) {
                    pending.failed(shuttingDown());
                }
            }

            @Override
            public void failed(IOException cause) {
                pending.failed(cause);
            }
        });
    }

    private static IOException shuttingDown() {
        return new BlockDeviceException(DeviceError.SHUTTING_DOWN, "this server is shutting down");
    }

    /** Called by any thread. */
    private void giveToWorkers(PendingRequest pending) {
        try {
            server.workers().execute(() -> runUnlessClosed(pending));
        } catch (RejectedExecutionException e) {
            pending.failed(shuttingDown());
        }
    }

    /** Called by a worker. */
    private void runUnlessClosed(PendingRequest pending) {
        if (closed) {
            pending.failed(new IOException("the connection is closed"));
        } else {
            runner.run(pending);
        }
    }

    /** Called by any thread. */
    private void ended(PendingRequest pending) {
        if (channel.eventLoop().inEventLoop() && taking) {
            finish(pending);
        } else {
            completions.add(pending);
        }
    }

    private void finishAll(Queue<PendingRequest> ended) {
        for (PendingRequest pending = ended.poll(); pending != null; pending = ended.poll()) {
            finish(pending);
        }
        resume();
    }

    private void finish(PendingRequest pending) {
        inFlight.ended(pending);
        if (pending.isHeldBack()) {
            heldBackBytes -= pending.dataBytes();
        }
        if (closed) {
            RequestRunner.release(pending);
            inFlight.release(pending.chargedBytes());
            if (pending.command().changes()) {
                session.export().fence().done();
            }
            return;
        }
        ReferenceCountUtil.release(pending.payload());
        IOException failure = pending.failure();
        if (failure != null) {
            inFlight.release(pending.chargedBytes());
            replies.failure(pending.header(), failure);
        } else if (pending.replyParts().isEmpty()) {
            inFlight.release(pending.chargedBytes());
            replies.success(pending.header());
        } else { // its bytes count until the system has them
            replies.parts(pending.replyParts(), () -> inFlight.release(pending.chargedBytes()));
        }
    }

    // ---- the end

    private void endIfDone() {
        if (ending && inFlight.isIdle() && !ended) {
            ended = true;
            replies.flush();
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /**
     * The client sends nothing more. One that has said goodbye gets what it asked for before that, also where the goodbye
     * waits behind requests for which there was no room. Any other may be gone for good and send its requests again on
     * another connection, so nothing more of this one is begun.
     */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            allReceived = true;
            if (!ending && !reader.endsWithGoodbye(received)) {
                channel.close();
            }
        }
        context.fireUserEventTriggered(event);
    }

    /** The server or the export is closing: finishes what is in flight and closes. What has not begun is refused. */
    void shutDown() {
        ending = true;
        heldBack.end(new BlockDeviceException(DeviceError.SHUTTING_DOWN, "this is not served here any more"));
        endIfDone();
    }

    /** The export has ended: closes as soon as what is in flight was answered, and soon in any case. Called by any thread. */
    void exportEnded() {
        try {
            channel.eventLoop().execute(() -> {
                shutDown();
                channel.eventLoop().schedule(() -> channel.close(), END_GRACE_MS, TimeUnit.MILLISECONDS);
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("{} is closed already", channel, e);
        }
    }

    /** Whether it is the one connection of a client. */
    boolean isOf(NbdClient client) {
        return session.export()
                .soleClient()
                .filter(sole -> sole.identity().equals(client.identity()))
                .isPresent();
    }

    /** Its client has another one: whatever it still sends over this one must not be looked at. Called by any thread. */
    void replaced() {
        try {
            channel.eventLoop().execute(() -> {
                beingReplaced = true;
                ending = true; // TLS says goodbye before it closes
                channel.close();
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("{} is closed already", channel, e);
        }
    }

    /**
     * Closes the connection if it has held bytes for too long without moving any while others wait for theirs.
     *
     * @param contended whether others wait now
     */
    void closeIfStalled(boolean contended, long nowNanos) {
        boolean clientsTurn = reader.incompletePayload() != null || replies.waitsForClient();
        long heldBytes = contended && clientsTurn ? inFlight.bytes() : 0;
        if (encrypted) {
            replies.noticeEncryptedBytes();
        }
        if (stallWatch.isStalled(heldBytes, nowNanos, server.limits().stallDeadline())) {
            LOG.warn("closing the connection of {}: it holds memory that others wait for, and does not go on", channel);
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closed = true;
        session.export().connections().remove(this);
        session.export().fence().orphaned(inFlight.changes());
        answerWhoWaitsForTouch();
        PendingRequest waiting = parked;
        parked = null;
        if (waiting != null) {
            finish(waiting);
        }
        heldBack.end(new IOException("the connection is closed"));
        received.forEach(ByteBuf::release);
        received.clear();
        inFlight.release(reader.discard());
        inFlight.close();
        replies.release();
        session.export().fence().whenClear(attachment::release);
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("the connection of {} broke", channel, cause);
        } else {
            LOG.error("closing the connection of {}; please report this", channel, cause);
        }
        context.close();
    }
}
