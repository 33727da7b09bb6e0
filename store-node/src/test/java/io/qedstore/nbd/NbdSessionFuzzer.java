package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.OptionReplyType;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The fuzz target: a connection whose bytes nobody made on purpose, through the handlers of a server, on one thread.
 *
 * <p>What must hold for every session:
 *
 * <ul>
 *   <li>the server goes on: while it does not want to read, there is something that it waits for;
 *   <li>nothing is thrown that nobody handles, and nothing is logged that should be reported;
 *   <li>after the end every buffer was given back, all memory of the budget, and no change is waited for;
 *   <li>another connection is served then;
 *   <li>if the session is sound, every option and request has exactly one reply that the protocol allows.
 * </ul>
 */
public final class NbdSessionFuzzer {
    private static final long SIZE = 1 << 20;
    private static final int MAX_STEPS = 200_000;
    private static final LogWatch LOG = new LogWatch();

    private final FuzzedSession session;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
    private final Deque<Runnable> work = new ArrayDeque<>();
    private final MemoryBlockDevice device = new MemoryBlockDevice(SIZE);
    private final Export export = new Export(TestServer.EXPORT, "fuzzed", device, Export.Reach.CLEAR_OR_TLS);
    private final ServerContext server;

    private NbdSessionFuzzer(FuzzedSession session) {
        this.session = session;
        ServerLimits limits = new Limits()
                .requests(4)
                .connectionBytes(40_000)
                .bytes(60_000)
                .options(20)
                .build();
        this.server = new ServerContext(
                new FixedExports(List.of(export)),
                TlsMode.OFF,
                () -> {
                    throw new IllegalStateException("TLS is off");
                },
                limits,
                new MemoryBudget(limits.maxBytes()),
                work::add,
                work::add,
                work::add,
                new HalfOpenConnections(limits.maxHandshakes()),
                () -> false);
        device.fill(4096, Bytes.pattern(100_000, 1));
        device.refuseNow(has(FuzzedSession.NOT_AT_ONCE));
        if (has(FuzzedSession.READ_ONLY)) {
            device.readOnly();
        }
        if (has(FuzzedSession.FAILING)) {
            device.fail(call -> call.kind() != Kind.READ || call.offset() % 32 == 0, new IOException("it fails"));
        }
    }

    private boolean has(int bit) {
        return (session.disk() & bit) != 0;
    }

    /** Called by Jazzer for each input. */
    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        depth(bytes);
    }

    /** How far an input got; the seeds' test wants all of them. */
    enum Depth {
        NO_HANDSHAKE,
        TRANSMISSION,
        SOUND
    }

    static Depth depth(byte[] bytes) throws IOException {
        return new NbdSessionFuzzer(FuzzedSession.decode(bytes)).run();
    }

    private Depth run() throws IOException {
        Connection connection = new Connection();
        connection.send(session.bytes(), session.cuts(), has(FuzzedSession.LATE_WORKERS));
        boolean open = connection.isOpen();
        boolean transmits = connection.transmits();
        if (!has(FuzzedSession.VANISHES)) {
            connection.settle();
        }
        connection.close();
        require(budgetIsBack(), "of the budget " + server.budget().usedBytes() + " bytes are missing");
        boolean[] clear = {false};
        export.fence().whenClear(() -> clear[0] = true);
        require(clear[0], "changes are still waited for");
        if (session.sound() && !has(FuzzedSession.VANISHES)) {
            requireAnswers(connection.output(), open);
        }
        requireService();
        require(allocator.metric().usedDirectMemory() == 0, "direct buffers were not given back");
        require(allocator.metric().usedHeapMemory() == 0, "heap buffers were not given back");
        require(LOG.unexpected().isEmpty(), "logged: " + LOG.unexpected());
        return session.sound() ? Depth.SOUND : transmits ? Depth.TRANSMISSION : Depth.NO_HANDSHAKE;
    }

    private boolean budgetIsBack() {
        return server.budget().usedBytes() == 0 && !server.budget().isContended();
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }

    /** One connection, fed as Netty feeds one from a socket. */
    private final class Connection {
        private final EmbeddedChannel channel =
                new EmbeddedChannel(DefaultChannelId.newInstance(), false, false, new HandshakeHandler(server));
        private final ByteArrayOutputStream output = new ByteArrayOutputStream();

        Connection() {
            channel.config().setAllocator(allocator);
            channel.config().setRecvByteBufAllocator(new ReceiveBuffers());
            try {
                channel.register();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        boolean isOpen() {
            return channel.isOpen();
        }

        boolean transmits() {
            return channel.isOpen() && channel.pipeline().get(TransmissionHandler.class) != null;
        }

        void send(byte[] bytes, List<Integer> cuts, boolean lateWorkers) {
            int sent = 0;
            for (int piece = 0; sent < bytes.length && channel.isOpen(); piece++) {
                int end = piece < cuts.size() ? Math.min(bytes.length, sent + cuts.get(piece)) : bytes.length;
                sent = segment(bytes, sent, end);
                if (!lateWorkers) {
                    settle();
                }
            }
        }

        /** Brings one segment, as fast as the server takes it. */
        private int segment(byte[] bytes, int from, int to) {
            int at = from;
            for (int steps = 0; at < to && channel.isOpen(); steps++) {
                require(steps < MAX_STEPS, "the server takes no bytes and does not end");
                if (channel.config().isAutoRead()) {
                    at = read(bytes, at, to);
                } else {
                    goOn();
                }
                drain();
            }
            return at;
        }

        private void goOn() {
            Runnable next = work.poll();
            if (next != null) {
                next.run();
            }
            boolean tasks = channel.hasPendingTasks();
            channel.runPendingTasks();
            require(
                    next != null || tasks || channel.config().isAutoRead() || !channel.isOpen(),
                    "the server does not read and waits for nothing");
        }

        /** One turn of the event loop that finds the socket readable. */
        private int read(byte[] bytes, int from, int to) {
            RecvByteBufAllocator.ExtendedHandle receiver =
                    (RecvByteBufAllocator.ExtendedHandle) channel.unsafe().recvBufAllocHandle();
            receiver.reset(channel.config());
            int at = from;
            do {
                ByteBuf buffer = receiver.allocate(allocator);
                receiver.attemptedBytesRead(buffer.writableBytes());
                require(buffer.isWritable(), "there is no room to receive into");
                int count = Math.min(buffer.writableBytes(), to - at);
                buffer.writeBytes(bytes, at, count);
                at += count;
                receiver.lastBytesRead(count);
                receiver.incMessagesRead(1);
                channel.pipeline().fireChannelRead(buffer);
            } while (at < to && receiver.continueReading(() -> true));
            receiver.readComplete();
            channel.pipeline().fireChannelReadComplete();
            channel.runPendingTasks();
            return at;
        }

        /** Lets everything end that has begun. */
        void settle() {
            for (int steps = 0; !work.isEmpty() || channel.hasPendingTasks(); steps++) {
                require(steps < MAX_STEPS, "the server does not come to rest");
                goOn();
                drain();
            }
            drain();
        }

        private void drain() {
            for (Object message = channel.readOutbound(); message != null; message = channel.readOutbound()) {
                if (message instanceof ByteBuf buffer) {
                    byte[] bytes = new byte[buffer.readableBytes()];
                    buffer.readBytes(bytes);
                    output.writeBytes(bytes);
                }
                ReferenceCountUtil.release(message);
            }
            channel.checkException();
        }

        void close() {
            channel.close();
            channel.runPendingTasks();
            settle();
            for (Object left = channel.readInbound(); left != null; left = channel.readInbound()) {
                ReferenceCountUtil.release(left); // as the end of Netty's pipeline does
            }
        }

        byte[] output() {
            return output.toByteArray();
        }
    }

    // ---- answers

    private void requireAnswers(byte[] output, boolean open) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(output));
        in.skipBytes(18);
        for (int option : session.options()) {
            int type;
            do {
                require(in.readLong() == 0x0003e889045565a9L, "an option's reply without its magic number");
                require(in.readInt() == option, "a reply to another option than " + option);
                type = in.readInt();
                in.skipBytes(in.readInt());
            } while (type >= 0 && type != OptionReplyType.ACK.code());
        }
        ReplyParser parser = new ReplyParser(session.form());
        boolean goodbye = false;
        int expected = 0;
        for (FuzzedSession.Sent sent : session.requests()) {
            goodbye |= sent.command() == NbdCommand.DISC.code();
            if (!goodbye) {
                parser.expect(sent.cookie(), sent.command(), sent.offset(), sent.length());
                expected++;
            }
        }
        require(open || goodbye, "the server hung up on a sound session");
        while (in.available() > 0) {
            parser.next(in);
        }
        require(parser.outstanding() == 0, "of " + expected + " requests " + parser.outstanding() + " have no reply");
    }

    private void requireService() throws IOException {
        device.heal();
        Connection healthy = new Connection();
        healthy.send(
                new Bytes()
                        .u32(3)
                        .put(WireClient.optionBytes(7, WireClient.infoPayload(TestServer.EXPORT)))
                        .put(WireClient.requestBytes(ReplyForm.SIMPLE, 0, 0, 5, 4096, 512, new byte[0]))
                        .array(),
                List.of(),
                false);
        byte[] output = healthy.output();
        healthy.close();
        byte[] reply = new byte[16 + 512];
        require(output.length > reply.length, "a new client was not served");
        System.arraycopy(output, output.length - reply.length, reply, 0, reply.length);
        byte[] expected = new Bytes()
                .u32(0x67446698L)
                .u32(0)
                .u64(5)
                .put(device.content(4096, 512))
                .array();
        require(Arrays.equals(reply, expected), "a new client was served wrongly");
    }
}
