package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A server on a unix socket of its own with one device under the name {@code disk}, and the clients that a test connects to
 * it. Closing it closes all of them, and then nothing may be left: no buffer in use, nothing in the log that should not be.
 */
final class TestServer implements AutoCloseable {
    static final String EXPORT = "disk";

    private static final long DEADLINE_MS = 15_000;

    /** Servers that are open now, in tests that run at the same time. */
    private static int openServers;

    private static volatile long pinnedBeforeAll;

    private final LogWatch log = new LogWatch();
    private final long pinnedBefore = opened();
    private final MemoryBlockDevice device;
    private final NbdServer server;
    private final Path folder;
    private final List<WireClient> clients = new CopyOnWriteArrayList<>();
    private boolean closed;

    TestServer(MemoryBlockDevice device, ServerLimits limits) {
        this(
                device,
                limits,
                new FixedExports(List.of(new Export(EXPORT, "a disk in memory", device, Export.Reach.CLEAR_OR_TLS))),
                TlsMode.OFF,
                () -> {
                    throw new IllegalStateException("TLS is off");
                });
    }

    TestServer(
            MemoryBlockDevice device,
            ServerLimits limits,
            Exports exports,
            TlsMode tlsMode,
            Supplier<SslContext> tlsContext) {
        this.device = device;
        this.server = new NbdServer(exports, tlsMode, tlsContext, limits);
        try {
            this.folder = Files.createTempDirectory("nbd");
            server.listen(socket(), PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new IllegalStateException("cannot start a server", e);
        }
    }

    static TestServer start(MemoryBlockDevice device) {
        return new TestServer(device, new Limits().build());
    }

    static TestServer start(MemoryBlockDevice device, Limits limits) {
        return new TestServer(device, limits.build());
    }

    MemoryBlockDevice device() {
        return device;
    }

    NbdServer server() {
        return server;
    }

    LogWatch log() {
        return log;
    }

    Path socket() {
        return folder.resolve("s");
    }

    SocketAddress address() {
        return UnixDomainSocketAddress.of(socket());
    }

    /** A TCP address of the same server. */
    SocketAddress tcp() throws IOException {
        return server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    WireClient track(WireClient client) {
        clients.add(client);
        return client;
    }

    /** Connected, and nothing said. */
    WireClient connected() throws IOException {
        return track(WireClient.connect(address()));
    }

    /** After the flags of both sides. */
    WireClient negotiating() throws IOException {
        return track(WireClient.negotiating(address()));
    }

    /** In transmission. */
    WireClient client(ReplyForm form, String... contexts) throws IOException {
        WireClient client = negotiating().form(form);
        if (contexts.length > 0) {
            client.setContexts(EXPORT, contexts);
        }
        client.go(EXPORT);
        return client;
    }

    WireClient client() throws IOException {
        return client(ReplyForm.SIMPLE);
    }

    /** New clients are served. */
    void requireService() throws IOException {
        try (WireClient healthy = WireClient.negotiating(address())) {
            healthy.go(EXPORT);
            healthy.requireService();
            healthy.disconnect();
            healthy.expectClose();
        }
    }

    /** Bytes of pooled buffers in use, of every server in this JVM. */
    static long pinnedBytes() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() + PooledByteBufAllocator.DEFAULT.pinnedHeapMemory();
    }

    long pinnedSinceStart() {
        return pinnedBytes() - pinnedBefore;
    }

    private static synchronized long opened() {
        if (openServers++ == 0) {
            pinnedBeforeAll = pinnedBytes();
        }
        return pinnedBytes();
    }

    private static synchronized boolean isLastOpen() {
        return --openServers == 0;
    }

    /** Polls until it holds. */
    static void eventually(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + DEADLINE_MS * 1_000_000;
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("after " + DEADLINE_MS + " ms it still does not hold: " + what);
            }
            Thread.onSpinWait();
            pause(2);
        }
    }

    /** Lets others run for a moment; not to wait for anything that can be asked for. */
    static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (log) {
            for (WireClient client : clients) {
                client.close();
            }
            device.close();
            server.close();
            Files.deleteIfExists(socket());
            Files.deleteIfExists(folder);
            if (isLastOpen()) {
                eventually("all buffers were given back", () -> pinnedBytes() <= pinnedBeforeAll);
            }
            assertThat(log.unexpected()).as("what was logged, see above").isEmpty();
        }
    }
}
