package io.qedstore.nbd;

import static io.qedstore.nbd.TestServer.EXPORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Gate;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends of connections, and what becomes of their requests. */
class DisconnectTest {
    private static final byte[] OLD = Bytes.pattern(4096, 1);
    private static final byte[] NEW = Bytes.pattern(4096, 2);
    private static final int WORKERS = 32;

    private final MemoryBlockDevice device = new MemoryBlockDevice(8 << 20);

    @AutoClose
    private final TestServer server = TestServer.start(device);

    private static int writeFlags(ReplyForm form) {
        return form == ReplyForm.EXTENDED ? CommandFlags.PAYLOAD_LEN : 0;
    }

    // ---- DISC

    @ParameterizedTest
    @CsvSource({
        "SIMPLE, true",
        "STRUCTURED, true",
        "EXTENDED, true",
        "SIMPLE, false",
        "STRUCTURED, false",
        "EXTENDED, false"
    })
    void allThatWasAskedBeforeAGoodbyeIsAnsweredAndThenTheConnectionEnds(ReplyForm form, boolean cached)
            throws IOException {
        // Deliberate bug: the goodbye closes the connection as it is read.
        device.refuseNow(!cached);
        device.fill(0, Bytes.pattern(1 << 20, 4));
        WireClient client = server.client(form);
        Bytes all = new Bytes();
        List<Long> cookies = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            long cookie = client.cookie();
            client.expect(cookie, NbdCommand.READ, i * 100_000L, 100_000);
            cookies.add(cookie);
            all.put(client.requestBytes(NbdCommand.READ.code(), 0, cookie, i * 100_000L, 100_000, new byte[0]));
        }
        client.send(all.put(client.requestBytes(NbdCommand.DISC.code(), 0xffff, 1, -1, -1, new byte[0]))
                .array());
        for (int i = 0; i < 8; i++) {
            assertThat(client.replyTo(cookies.get(i)).data()).isEqualTo(device.content(i * 100_000L, 100_000));
        }
        client.expectClose();
    }

    @ParameterizedTest
    @EnumSource
    void whatComesAfterAGoodbyeIsIgnoredWhateverItIs(ReplyForm form) throws Exception {
        // Deliberate bug: bytes after the goodbye are parsed, and end the connection before the replies are out.
        byte[] write = WireClient.requestBytes(form, NbdCommand.WRITE.code(), writeFlags(form), 9, 0, OLD.length, OLD);
        for (byte[] rest : List.of(new byte[100], write, Arrays.copyOf(write, 1000))) {
            for (boolean cached : new boolean[] {true, false}) {
                device.refuseNow(!cached);
                WireClient client = server.client(form);
                long cookie = client.cookie();
                client.expect(cookie, NbdCommand.READ, 0, 200_000);
                client.send(new Bytes()
                        .put(client.requestBytes(NbdCommand.READ.code(), 0, cookie, 0, 200_000, new byte[0]))
                        .put(client.requestBytes(NbdCommand.DISC.code(), 0, 1, 0, 0, new byte[0]))
                        .put(rest)
                        .array());
                assertThat(client.replyTo(cookie).error()).isZero();
                client.readToEnd();
            }
        }
        assertThat(device.count(Kind.WRITE)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aGoodbyeWaitsForChangesUnderWay(ReplyForm form) throws Exception {
        Gate writes = device.hold(Kind.WRITE);
        WireClient client = server.client(form);
        long write = client.requestWrite(0, 0, OLD);
        client.disconnect();
        writes.awaitArrivals(1);
        writes.open();
        assertThat(client.replyTo(write).error()).isZero();
        client.expectClose();
        assertThat(device.content(0, 4096)).isEqualTo(OLD);
    }

    @ParameterizedTest
    @EnumSource
    void aGoodbyeThatWaitsForRoomIsHeardThoughTheClientSendsNothingMore(ReplyForm form) throws Exception {
        // Deliberate bug: the end of the client's output is looked at before what it had sent until then.
        MemoryBlockDevice slow = new MemoryBlockDevice(8 << 20).refuseNow(true);
        try (TestServer small = TestServer.start(slow, new Limits().requests(2))) {
            Gate writes = slow.hold(Kind.WRITE);
            WireClient client = small.client(form);
            List<Long> cookies = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                cookies.add(client.requestWrite(0, 4096L * i, OLD));
            }
            client.disconnect();
            client.endOutput();
            writes.awaitArrivals(2);
            TestServer.pause(50);
            writes.open();
            for (long cookie : cookies) {
                assertThat(client.replyTo(cookie).error()).isZero();
            }
            client.expectClose();
        }
    }

    @Test
    void aPayloadThatEndsLikeAGoodbyeAndWasCutOffIsTheEndAllTheSame() throws Exception {
        // Deliberate bug: whoever seems to have said goodbye is waited for for ever.
        MemoryBlockDevice slow = new MemoryBlockDevice(8 << 20).refuseNow(true);
        try (TestServer small = TestServer.start(slow, new Limits().requests(2))) {
            Gate writes = slow.hold(Kind.WRITE);
            WireClient client = small.client(ReplyForm.SIMPLE);
            client.requestWrite(0, 0, OLD);
            client.requestWrite(0, 4096, OLD);
            byte[] goodbye = client.requestBytes(NbdCommand.DISC.code(), 0, 1, 0, 0, new byte[0]);
            byte[] header = client.requestBytes(NbdCommand.WRITE.code(), 0, 9, 8192, 4096, new byte[0]);
            client.send(new Bytes().put(header).put(new byte[100]).put(goodbye).array());
            client.endOutput();
            writes.awaitArrivals(2);
            TestServer.pause(50);
            writes.open();
            client.readToEnd();
            TestServer.eventually("what was under way is done", () -> slow.count(Kind.WRITE) == 2);
            assertThat(slow.content(8192, 4096)).isEqualTo(new byte[4096]);
        }
    }

    @Test
    void aGoodbyeIsNoFlush() throws IOException {
        WireClient client = server.client();
        client.write(0, OLD);
        client.disconnect();
        client.expectClose();
        assertThat(device.count(Kind.FLUSH)).isZero();
    }

    // ---- hanging up

    @ParameterizedTest
    @EnumSource
    void aWriteThatIsCutOffIsNotAppliedInPart(ReplyForm form) throws IOException {
        // Deliberate bug: the payload is handed on as it comes.
        byte[] payload = Bytes.pattern(300_000, 1);
        int header = form == ReplyForm.EXTENDED ? 32 : 28;
        for (int cut : new int[] {1, header - 1, header, header + 1, header + 4096, header + 299_999}) {
            try (WireClient client = server.client(form)) {
                byte[] request =
                        client.requestBytes(NbdCommand.WRITE.code(), writeFlags(form), 5, 0, payload.length, payload);
                client.send(Arrays.copyOf(request, cut));
                client.endOutput();
                client.expectClose();
            }
        }
        assertThat(device.count(Kind.WRITE)).isZero();
    }

    @Test
    void requestsOfAClosedConnectionThatNoWorkerHadBegunAreDropped() throws Exception {
        // Deliberate bug: workers do not look whether the connection is still there.
        device.refuseNow(true);
        Gate writes = device.hold(Kind.WRITE);
        WireClient client = server.client();
        for (int i = 0; i < WORKERS + 8; i++) {
            client.requestWrite(0, i * 4096L, OLD);
        }
        writes.awaitArrivals(WORKERS);
        client.close();
        TestServer.eventually("the server noticed", () -> server.server().connections() == 0);
        writes.open();
        server.requireService();
        assertThat(device.count(Kind.WRITE)).isEqualTo(WORKERS);
    }

    @ParameterizedTest
    @EnumSource(names = {"WRITE", "TRIM", "WRITE_ZEROES"})
    void aNewClientWaitsForChangesThatAClosedConnectionLeftUnderWay(NbdCommand command) throws Exception {
        // Deliberate bug: no fence; the old change then undoes the newer write.
        device.refuseNow(true);
        Gate changes = device.hold(call -> call.kind() != Kind.READ && call.lengthBytes() == 4096);
        WireClient old = server.client();
        if (command == NbdCommand.WRITE) {
            old.requestWrite(0, 0, OLD);
        } else {
            old.request(command, 0, 0, 4096);
        }
        changes.awaitArrivals(1);
        old.close();
        TestServer.eventually("the server noticed", () -> server.server().connections() == 0);
        CompletableFuture<byte[]> after = newWriteAndRead();
        assertThatThrownBy(() -> after.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(server.negotiating()
                        .info(io.qedstore.nbd.wire.NbdOption.INFO, EXPORT)
                        .sizeBytes())
                .as("others may still ask")
                .isEqualTo(8 << 20);
        changes.open();
        byte[] newer = Arrays.copyOf(NEW, 2048);
        assertThat(after.get(10, TimeUnit.SECONDS)).isEqualTo(newer);
        assertThat(device.content(0, 2048)).isEqualTo(newer);
    }

    /** As many bytes as are not held back. */
    private CompletableFuture<byte[]> newWriteAndRead() {
        return CompletableFuture.supplyAsync(() -> {
            try {
                WireClient client = server.client();
                client.write(0, Arrays.copyOf(NEW, 2048));
                return client.read(0, 2048);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void readsThatAClosedConnectionLeftUnderWayHoldNobodyUp() throws Exception {
        Gate reads = device.hold(call -> call.kind() == Kind.READ && call.offset() == 4096);
        WireClient old = server.client();
        old.requestRead(4096, 512);
        reads.awaitArrivals(1);
        old.close();
        TestServer.eventually("the server noticed", () -> server.server().connections() == 0);
        server.requireService();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 60, 200, 400})
    void whatAClosedConnectionStillHadInItsSocketDoesNotUndoNewerWrites(int writes) throws Exception {
        // Deliberate bug: the server goes on with what a client has sent before it hung up, and meanwhile serves its
        // next
        // connection.
        MemoryBlockDevice slow = new MemoryBlockDevice(8 << 20).refuseNow(true);
        try (TestServer small = TestServer.start(slow, new Limits().requests(2))) {
            Gate held = slow.hold(call -> call.kind() == Kind.WRITE && call.offset() < 8192);
            WireClient old = small.track(WireClient.negotiating(small.tcp()));
            old.go(EXPORT);
            old.requestWrite(0, 0, OLD);
            old.requestWrite(0, 4096, OLD);
            held.awaitArrivals(2);
            for (int i = 0; i < writes; i++) {
                old.requestWrite(0, 8192 + 4096 * (i % 3), OLD); // no room for it: it stays in the socket
            }
            TestServer.pause(50);
            old.close();
            CompletableFuture<Void> after = CompletableFuture.runAsync(() -> {
                try {
                    WireClient client = small.client();
                    for (int i = 0; i < 3; i++) {
                        client.write(8192 + 4096 * i, NEW);
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            TestServer.pause(200);
            held.open();
            after.get(10, TimeUnit.SECONDS);
            TestServer.eventually("the old one is gone", () -> small.server().connections() == 1);
            for (int i = 0; i < 3; i++) {
                assertThat(slow.content(8192 + 4096 * i, 4096)).isEqualTo(NEW);
            }
        }
    }

    @Test
    void aClientThatOnlyEndsItsOutputStillGetsItsAnswersOrTheEnd() throws IOException {
        WireClient client = server.client();
        long cookie = client.requestRead(0, 512);
        client.endOutput();
        byte[] rest = client.readToEnd();
        assertThat(rest.length).as("reply to %s", cookie).isIn(0, 16 + 512);
    }

    // ---- a device with a bug

    @ParameterizedTest
    @EnumSource(names = {"READ", "WRITE", "TRIM", "FLUSH"})
    void anExceptionThatADeviceMustNotThrowFailsTheRequestAndKeepsNobodyOut(NbdCommand command) throws IOException {
        // Deliberate bug: such an exception of an inline write leaves a change that never ends; the next client's GO
        // then
        // waits for it for ever.
        WireClient client = server.client(ReplyForm.STRUCTURED);
        device.throwFor(call -> true, new IllegalStateException("a bug"));
        byte[] payload = command == NbdCommand.WRITE ? OLD : new byte[0];
        long cookie = client.request(command.code(), 0, 0, command == NbdCommand.FLUSH ? 0 : 4096, payload);
        assertThat(client.replyTo(cookie).error()).isEqualTo(NbdErrno.EIO.code());
        device.heal();
        client.requireService();
        client.close();
        TestServer.eventually("the server noticed", () -> server.server().connections() == 0);
        server.requireService();
        server.log().forget();
    }
}
