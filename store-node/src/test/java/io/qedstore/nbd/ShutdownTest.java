package io.qedstore.nbd;

import static io.qedstore.nbd.TestServer.EXPORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Gate;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.OptionReplyType;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What becomes of clients when the server is closed. */
class ShutdownTest {
    private final MemoryBlockDevice device = new MemoryBlockDevice(1 << 20);

    @AutoClose
    private final TestServer server = TestServer.start(device, new Limits().closeDeadlineMs(1500));

    private CompletableFuture<Void> closing() {
        return CompletableFuture.runAsync(() -> {
            try {
                server.server().close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void requestsInFlightAreAnsweredAndThenTheConnectionEnds() throws Exception {
        // Deliberate bug: closing the server closes its connections at once.
        Gate reads = device.hold(Kind.READ);
        Gate flushes = device.hold(Kind.FLUSH);
        WireClient client = server.client(ReplyForm.STRUCTURED);
        long read = client.requestRead(0, 4096);
        long flush = client.request(NbdCommand.FLUSH, 0, 0, 0);
        reads.awaitArrivals(1);
        flushes.awaitArrivals(1);
        CompletableFuture<Void> closing = closing();
        assertThatThrownBy(() -> closing.get(300, TimeUnit.MILLISECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);
        reads.open();
        flushes.open();
        assertThat(client.replyTo(read).error()).isZero();
        assertThat(client.replyTo(flush).error()).isZero();
        client.expectClose();
        closing.get(10, TimeUnit.SECONDS);
    }

    @Test
    void requestsThatComeWhileTheServerClosesAreRefusedOrTheConnectionEnds() throws Exception {
        Gate reads = device.hold(Kind.READ);
        WireClient client = server.client(ReplyForm.STRUCTURED);
        long read = client.requestRead(0, 4096);
        reads.awaitArrivals(1);
        CompletableFuture<Void> closing = closing();
        TestServer.eventually("no new client gets in", () -> {
            try (WireClient late = WireClient.connect(server.address())) {
                late.greeting();
                return false;
            } catch (IOException e) {
                return true;
            }
        });
        client.expect(7, NbdCommand.WRITE, 0, 512);
        client.trySend(client.requestBytes(NbdCommand.WRITE.code(), 0, 7, 0, 512, Bytes.pattern(512, 1)));
        reads.open();
        assertThat(client.replyTo(read).error()).isZero();
        try {
            assertThat(client.replyTo(7).error()).isEqualTo(NbdErrno.ESHUTDOWN.code());
        } catch (EOFException e) {
            // it ended, which is as good
        }
        closing.get(10, TimeUnit.SECONDS);
        assertThat(device.count(Kind.WRITE)).isZero();
    }

    @Test
    void optionsAreAnsweredWithShutdown() throws Exception {
        Gate reads = device.hold(Kind.READ);
        WireClient busy = server.client();
        busy.requestRead(0, 512);
        reads.awaitArrivals(1);
        WireClient negotiating = server.negotiating();
        negotiating.ask(NbdOption.INFO, WireClient.infoPayload(EXPORT), OptionReplyType.ACK);
        CompletableFuture<Void> closing = closing();
        try {
            for (int answers = 0; ; answers++) {
                assertThat(answers).isLessThan(100_000);
                int type = negotiating.ask(NbdOption.LIST, new byte[0]).get(0).type();
                if (type == OptionReplyType.ERR_SHUTDOWN.code()) {
                    break;
                }
                if (answers > 100) {
                    break; // the server's own limit comes first
                }
            }
        } catch (IOException e) {
            // it hung up, which is allowed
        }
        reads.open();
        closing.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aDeviceThatDoesNotEndHoldsTheServerNoLongerThanTheDeadline() throws Exception {
        Gate reads = device.hold(Kind.READ);
        WireClient client = server.client();
        client.requestRead(0, 4096);
        reads.awaitArrivals(1);
        long start = System.nanoTime();
        server.server().close();
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
        client.expectClose();
        reads.open();
    }

    @Test
    void aClientThatDoesNotReadHoldsTheServerNoLongerThanTheDeadline() throws Exception {
        WireClient client = server.client();
        device.fill(0, new byte[1 << 20]);
        for (int i = 0; i < 30; i++) {
            client.requestRead(0, 1 << 20);
        }
        TestServer.eventually("reads were made", () -> device.count(Kind.READ) > 0);
        long start = System.nanoTime();
        server.server().close();
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
    }

    @Test
    void idleAndNegotiatingClientsDoNotHoldItAndClosingTwiceDoesNoHarm() throws Exception {
        WireClient idle = server.client();
        WireClient negotiating = server.negotiating();
        WireClient silent = server.connected();
        long start = System.nanoTime();
        server.server().close();
        server.server().close();
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.MILLISECONDS.toNanos(1400));
        idle.expectClose();
        negotiating.readToEnd();
        silent.readToEnd();
        assertThat(Files.exists(server.socket())).isFalse();
    }
}
