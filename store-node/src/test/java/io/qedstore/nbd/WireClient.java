package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.nbd.wire.HandshakeFlags;
import io.qedstore.nbd.wire.InfoType;
import io.qedstore.nbd.wire.Magic;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.OptionReplyType;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A client that says exactly the bytes it is told to, and understands every answer. It shares nothing with the server but
 * the protocol's numbers.
 *
 * <p>It blocks, but not for ever: a client that has waited for a server for {@link #PATIENCE_MS} is closed, and what it was
 * doing fails. One thread may read while another writes.
 */
final class WireClient implements Closeable {
    static final long PATIENCE_MS = 20_000;

    private static final Set<WireClient> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Thread watchdog = new Thread(WireClient::watch, "wire-client-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    private final SocketChannel channel;
    private InputStream in;
    private OutputStream out;
    private DataInputStream data;
    private volatile long readingSinceNanos;
    private volatile long writingSinceNanos;
    private volatile boolean ranOutOfPatience;
    private ReplyParser replies = new ReplyParser(ReplyForm.SIMPLE);
    private ReplyForm form = ReplyForm.SIMPLE;
    private final List<WireReply> early = new ArrayList<>();
    private @Nullable ByteArrayOutputStream recording;
    private long nextCookie = 0x1122_3344_5566_7700L;

    /** One answer to an option. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record OptionReply(int option, int type, byte[] payload) {
        boolean isError() {
            return type < 0;
        }

        boolean isFinal() {
            return isError() || type == OptionReplyType.ACK.code();
        }

        ByteBuffer data() {
            return ByteBuffer.wrap(payload);
        }
    }

    /** What a client is told of an export. */
    record ExportInfo(long sizeBytes, int flags) {}

    private WireClient(SocketChannel channel) {
        this.channel = channel;
        this.in = new ChannelInput();
        this.out = new ChannelOutput();
        this.data = new DataInputStream(in);
        OPEN.add(this);
    }

    private static void watch() {
        while (true) {
            try {
                TimeUnit.MILLISECONDS.sleep(200);
            } catch (InterruptedException e) {
                return;
            }
            long now = System.nanoTime();
            for (WireClient client : OPEN) {
                client.closeIfTooLong(now, client.readingSinceNanos);
                client.closeIfTooLong(now, client.writingSinceNanos);
            }
        }
    }

    private void closeIfTooLong(long now, long since) {
        if (since != 0 && now - since > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS)) {
            ranOutOfPatience = true;
            try {
                close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    // ---- bytes

    private final class ChannelInput extends InputStream {
        private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10).flip();

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (!buffer.hasRemaining()) {
                buffer.clear();
                readingSinceNanos = System.nanoTime();
                int count;
                try {
                    count = channel.read(buffer);
                } catch (AsynchronousCloseException e) {
                    throw closed(e, "said");
                } finally {
                    readingSinceNanos = 0;
                    buffer.flip();
                }
                if (count < 0) {
                    return -1;
                }
            }
            int count = Math.min(length, buffer.remaining());
            buffer.get(bytes, offset, count);
            return count;
        }
    }

    private final class ChannelOutput extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
            writingSinceNanos = System.nanoTime();
            try {
                while (source.hasRemaining()) {
                    channel.write(source);
                }
            } catch (AsynchronousCloseException e) {
                throw closed(e, "read");
            } finally {
                writingSinceNanos = 0;
            }
        }
    }

    private IOException closed(AsynchronousCloseException cause, String what) {
        if (ranOutOfPatience) {
            throw new AssertionError("the server " + what + " nothing for " + PATIENCE_MS + " ms", cause);
        }
        return cause;
    }

    static WireClient connect(SocketAddress address) throws IOException {
        return new WireClient(SocketChannel.open(address));
    }

    /** As {@link #negotiating}, from an address of this machine. */
    static WireClient negotiatingFrom(String host, SocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.bind(new InetSocketAddress(host, 0));
        channel.connect(address);
        WireClient client = new WireClient(channel);
        client.greeting();
        client.clientFlags(HandshakeFlags.ALL);
        return client;
    }

    /** By which the server sees it. */
    SocketAddress localAddress() throws IOException {
        return channel.getLocalAddress();
    }

    /** Keeps a copy of all that is sent from now on. */
    void record() {
        recording = new ByteArrayOutputStream();
    }

    byte[] recorded() {
        ByteArrayOutputStream recorded = recording;
        return recorded == null ? new byte[0] : recorded.toByteArray();
    }

    /** Sends bytes as they are, in one piece where the system allows. */
    void send(byte[] bytes) throws IOException {
        ByteArrayOutputStream copy = recording;
        if (copy != null) {
            copy.writeBytes(bytes);
        }
        out.write(bytes);
        out.flush();
    }

    /** As {@link #send}, for a server that may have hung up. */
    boolean trySend(byte[] bytes) {
        try {
            send(bytes);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Says that nothing more will be sent. */
    void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    byte[] read(int count) throws IOException {
        byte[] bytes = new byte[count];
        data.readFully(bytes);
        return bytes;
    }

    /** Takes what comes without looking at it; false at the end. */
    boolean skipSome(int most) throws IOException {
        return in.read(new byte[most]) >= 0;
    }

    /** All that the server still says until it hangs up. */
    byte[] readToEnd() {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        byte[] some = new byte[8192];
        try {
            for (int count = in.read(some); count >= 0; count = in.read(some)) {
                rest.write(some, 0, count);
            }
        } catch (AsynchronousCloseException e) {
            throw new IllegalStateException("this client was closed", e);
        } catch (IOException e) {
            return rest.toByteArray(); // it hung up on bytes that it had not read
        }
        return rest.toByteArray();
    }

    /** Throws away on a thread of its own what the server says until one of the two hangs up. */
    Thread readToEndAside() {
        Thread reader = new Thread(() -> {
            try {
                readToEnd();
            } catch (IllegalStateException e) {
                assertThat(ranOutOfPatience)
                        .as("the server said nothing for long")
                        .isFalse();
            }
        });
        reader.setDaemon(true);
        reader.start();
        return reader;
    }

    /** The server hangs up without another word. */
    void expectClose() {
        assertThat(readToEnd()).as("what comes before the server hangs up").isEmpty();
    }

    // ---- the handshake

    /** Takes the greeting and answers with both flags. */
    static WireClient negotiating(SocketAddress address) throws IOException {
        WireClient client = connect(address);
        try {
            client.greeting();
            client.clientFlags(HandshakeFlags.ALL);
            return client;
        } catch (IOException | AssertionError e) {
            client.close();
            throw e;
        }
    }

    int greeting() throws IOException {
        assertThat(data.readLong()).isEqualTo(Magic.NBDMAGIC);
        assertThat(data.readLong()).isEqualTo(Magic.IHAVEOPT);
        return data.readUnsignedShort();
    }

    void clientFlags(int flags) throws IOException {
        send(new Bytes().u32(flags).array());
    }

    static byte[] optionBytes(int code, byte[] payload) {
        return new Bytes()
                .u64(Magic.IHAVEOPT)
                .u32(code)
                .u32(payload.length)
                .put(payload)
                .array();
    }

    void option(int code, byte[] payload) throws IOException {
        send(optionBytes(code, payload));
    }

    OptionReply optionReply() throws IOException {
        assertThat(data.readLong()).as("the magic of an option's reply").isEqualTo(Magic.OPTION_REPLY);
        int option = data.readInt();
        int type = data.readInt();
        int length = data.readInt();
        assertThat(length).as("bytes of an option's reply").isBetween(0, 1 << 20);
        return new OptionReply(option, type, read(length));
    }

    /** Reads to the final reply to an option. */
    List<OptionReply> answers(int code) throws IOException {
        List<OptionReply> answers = new ArrayList<>();
        do {
            OptionReply reply = optionReply();
            assertThat(reply.option()).as("the option that is answered").isEqualTo(code);
            answers.add(reply);
        } while (!answers.get(answers.size() - 1).isFinal());
        return answers;
    }

    List<OptionReply> ask(int code, byte[] payload) throws IOException {
        option(code, payload);
        return answers(code);
    }

    List<OptionReply> ask(NbdOption option, byte[] payload) throws IOException {
        return ask(option.code(), payload);
    }

    /** Asks, and expects one answer of this type. */
    OptionReply ask(NbdOption option, byte[] payload, OptionReplyType expected) throws IOException {
        List<OptionReply> answers = ask(option.code(), payload);
        OptionReply last = answers.get(answers.size() - 1);
        assertThat(last.type())
                .as("answer to %s: %s", option, new String(last.payload(), StandardCharsets.UTF_8))
                .isEqualTo(expected.code());
        return last;
    }

    static byte[] infoPayload(String export, int... infoTypes) {
        Bytes bytes = new Bytes().sized(export).u16(infoTypes.length);
        Arrays.stream(infoTypes).forEach(bytes::u16);
        return bytes.array();
    }

    static byte[] contextPayload(String export, String... queries) {
        Bytes bytes = new Bytes().sized(export).u32(queries.length);
        Arrays.stream(queries).forEach(bytes::sized);
        return bytes.array();
    }

    WireClient form(ReplyForm wanted) throws IOException {
        switch (wanted) {
            case SIMPLE -> {}
            case STRUCTURED -> ask(NbdOption.STRUCTURED_REPLY, new byte[0], OptionReplyType.ACK);
            case EXTENDED -> ask(NbdOption.EXTENDED_HEADERS, new byte[0], OptionReplyType.ACK);
        }
        assume(wanted);
        return this;
    }

    /** Reads replies in this form from now on. */
    void assume(ReplyForm agreed) {
        form = agreed;
        replies = new ReplyParser(agreed);
    }

    /** Selects contexts; their ids by name. */
    Map<String, Integer> setContexts(String export, String... queries) throws IOException {
        return contexts(ask(NbdOption.SET_META_CONTEXT, contextPayload(export, queries)));
    }

    static Map<String, Integer> contexts(List<OptionReply> answers) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (OptionReply answer : answers) {
            if (answer.type() == OptionReplyType.META_CONTEXT.code()) {
                ByteBuffer payload = answer.data();
                int id = payload.getInt();
                ids.put(StandardCharsets.UTF_8.decode(payload).toString(), id);
            }
        }
        assertThat(answers.get(answers.size() - 1).type()).isEqualTo(OptionReplyType.ACK.code());
        return ids;
    }

    ExportInfo info(NbdOption option, String export) throws IOException {
        return exportInfo(ask(option, infoPayload(export)));
    }

    ExportInfo go(String export) throws IOException {
        return info(NbdOption.GO, export);
    }

    static ExportInfo exportInfo(List<OptionReply> answers) {
        OptionReply last = answers.get(answers.size() - 1);
        assertThat(last.type())
                .as("answer: %s", new String(last.payload(), StandardCharsets.UTF_8))
                .isEqualTo(OptionReplyType.ACK.code());
        for (OptionReply answer : answers) {
            ByteBuffer payload = answer.data();
            if (answer.type() == OptionReplyType.INFO.code() && payload.getShort() == InfoType.EXPORT) {
                assertThat(payload.remaining()).isEqualTo(10);
                return new ExportInfo(payload.getLong(), payload.getShort() & 0xffff);
            }
        }
        throw new AssertionError("no INFO_EXPORT among " + answers);
    }

    /** Goes on in TLS, after the server has agreed. */
    void startTls(SSLContext context) throws IOException {
        Socket socket = channel.socket();
        socket.setSoTimeout((int) PATIENCE_MS);
        SSLSocket tls =
                (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
        tls.startHandshake();
        in = tls.getInputStream();
        out = tls.getOutputStream();
        data = new DataInputStream(in);
    }

    // ---- transmission

    /** A request as bytes in the form agreed on; its length field is that of the payload where one has to be told. */
    byte[] requestBytes(int command, int flags, long cookie, long offset, long length, byte[] payload) {
        return requestBytes(form, command, flags, cookie, offset, length, payload);
    }

    static byte[] requestBytes(
            ReplyForm form, int command, int flags, long cookie, long offset, long length, byte[] payload) {
        boolean extended = form == ReplyForm.EXTENDED;
        Bytes bytes = new Bytes()
                .u32(extended ? Magic.EXTENDED_REQUEST : Magic.REQUEST)
                .u16(flags)
                .u16(command)
                .u64(cookie)
                .u64(offset);
        return (extended ? bytes.u64(length) : bytes.u32(length)).put(payload).array();
    }

    long cookie() {
        return nextCookie++;
    }

    /** Expects a reply to a request that is sent by other means. */
    void expect(long cookie, NbdCommand command, long offset, long length) {
        expect(cookie, command.code(), offset, length);
    }

    void expect(long cookie, int command, long offset, long length) {
        replies.expect(cookie, command, offset, length);
    }

    /** Sends a request; its cookie. */
    long request(int command, int flags, long offset, long length, byte[] payload) throws IOException {
        long cookie = cookie();
        replies.expect(cookie, command, offset, length);
        send(requestBytes(command, flags, cookie, offset, length, payload));
        return cookie;
    }

    long request(NbdCommand command, int flags, long offset, long length) throws IOException {
        return request(command.code(), flags, offset, length, new byte[0]);
    }

    long requestRead(long offset, int length) throws IOException {
        return request(NbdCommand.READ, 0, offset, length);
    }

    long requestWrite(int flags, long offset, byte[] payload) throws IOException {
        int extended = form == ReplyForm.EXTENDED ? 1 << 5 : 0;
        return request(NbdCommand.WRITE.code(), flags | extended, offset, payload.length, payload);
    }

    /** The reply that is whole next. */
    WireReply reply() throws IOException {
        if (!early.isEmpty()) {
            return early.remove(0);
        }
        return nextReply();
    }

    private WireReply nextReply() throws IOException {
        WireReply reply = null;
        while (reply == null) {
            reply = replies.next(data);
        }
        return reply;
    }

    /** The reply to one request; others that come before it are kept. */
    WireReply replyTo(long cookie) throws IOException {
        for (WireReply reply : early) {
            if (reply.cookie() == cookie) {
                early.remove(reply);
                return reply;
            }
        }
        while (true) {
            WireReply reply = nextReply();
            if (reply.cookie() == cookie) {
                return reply;
            }
            early.add(reply);
        }
    }

    WireReply call(NbdCommand command, int flags, long offset, long length) throws IOException {
        return replyTo(request(command, flags, offset, length));
    }

    byte[] read(long offset, int length) throws IOException {
        WireReply reply = replyTo(requestRead(offset, length));
        assertThat(reply.error()).as("error of a read: %s", reply.text()).isZero();
        return reply.data();
    }

    void write(long offset, byte[] payload) throws IOException {
        WireReply reply = replyTo(requestWrite(0, offset, payload));
        assertThat(reply.error()).as("error of a write: %s", reply.text()).isZero();
    }

    void flush() throws IOException {
        WireReply reply = call(NbdCommand.FLUSH, 0, 0, 0);
        assertThat(reply.error()).as("error of a flush: %s", reply.text()).isZero();
    }

    void disconnect() throws IOException {
        send(requestBytes(NbdCommand.DISC.code(), 0, cookie(), 0, 0, new byte[0]));
    }

    /** Fails if the connection does not serve. */
    void requireService() throws IOException {
        assertThat(read(0, 512)).hasSize(512);
    }

    @Override
    public void close() throws IOException {
        OPEN.remove(this);
        channel.close();
    }
}
