package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.BlockDevice;
import io.qedstore.device.ManualTime;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.device.limit.DeviceLimits;
import io.qedstore.device.limit.LimitedDevice;
import io.qedstore.device.limit.Rate;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see of a device that takes only so much in a second. Its time passes when a test says so. */
class LimitedExportTest {
    private static final int MIB = 1 << 20;
    private static final String FREE = "free";
    private static final byte[] CONTENT = Bytes.pattern(4096, 3);

    /** One request in a second, one at once. */
    private static final DeviceLimits ONE_REQUEST = new DeviceLimits(Optional.of(new Rate(1, 1)), Optional.empty());

    private final ManualTime time = new ManualTime();
    private final MemoryBlockDevice memory = new MemoryBlockDevice(8L << 30);
    private final LimitedDevice device = new LimitedDevice(memory, ONE_REQUEST, time, time::nanoTime);
    private final MemoryBlockDevice free = new MemoryBlockDevice(64 * MIB);
    private Optional<TestServer> started = Optional.empty();

    private TestServer start(Limits limits) {
        List<Export> exports = List.of(export(TestServer.EXPORT, device), export(FREE, free));
        TestServer server = new TestServer(memory, limits.build(), new FixedExports(exports), TlsMode.OFF, () -> {
            throw new IllegalStateException("TLS is off");
        });
        started = Optional.of(server);
        return server;
    }

    private static Export export(String name, BlockDevice device) {
        return new Export(name, "", device, Export.Reach.CLEAR_OR_TLS);
    }

    @AfterEach
    void close() throws IOException {
        device.end();
        if (started.isPresent()) {
            started.get().close();
        }
    }

    private static long request(WireClient client, NbdCommand command, long length) throws IOException {
        return command == NbdCommand.WRITE
                ? client.requestWrite(0, 0, Bytes.pattern((int) length, 3))
                : client.request(command, 0, 0, length);
    }

    private void awaitTimers(long count) {
        TestServer.eventually("a request waits", () -> time.scheduled() == count);
    }

    /** Turns red when one of these commands is not asked about. */
    @ParameterizedTest
    @CsvSource({
        "READ, 4096",
        "READ, 2000000",
        "WRITE, 4096",
        "WRITE, 2000000",
        "TRIM, 4096",
        "WRITE_ZEROES, 4096",
        "CACHE, 4096"
    })
    void whatIsOverTheLimitIsAnsweredWhenItsTimeComes(NbdCommand command, int length) throws IOException {
        WireClient client = start(new Limits()).client();
        assertThat(client.replyTo(request(client, command, length)).error()).isZero();
        int before = memory.calls().size();
        long late = request(client, command, length);
        awaitTimers(1);
        time.pass(999, TimeUnit.MILLISECONDS);
        client.flush(); // the client is heard
        assertThat(memory.calls()).hasSize(before + 1);
        time.pass(1, TimeUnit.MILLISECONDS);
        assertThat(client.replyTo(late).error()).isZero();
        assertThat(memory.calls()).hasSize(before + 2);
        if (command == NbdCommand.WRITE) {
            assertThat(memory.content(0, length)).isEqualTo(Bytes.pattern(length, 3));
        }
    }

    @Test
    void flushesAndQuestionsAboutStatusAreNeverHeldBack() throws IOException {
        WireClient client = start(new Limits()).client(ReplyForm.STRUCTURED, "base:allocation");
        client.write(0, CONTENT);
        long read = client.requestRead(0, 4096);
        awaitTimers(1);
        for (int i = 0; i < 5; i++) {
            client.flush();
            assertThat(client.call(NbdCommand.BLOCK_STATUS, 0, 0, 4096).error()).isZero();
        }
        time.pass(1, TimeUnit.SECONDS);
        assertThat(client.replyTo(read).data()).isEqualTo(CONTENT);
    }

    /** Turns red when a read that did not come from memory is counted again by the worker. */
    @Test
    void aRequestIsCountedOnceWhereverItIsCarriedOut() throws IOException {
        device.limits(new DeviceLimits(Optional.of(new Rate(1, 4)), Optional.empty()));
        memory.refuseNow(true);
        WireClient client = start(new Limits()).client();
        for (int i = 0; i < 2; i++) {
            client.read(0, 4096);
            client.write(0, CONTENT);
        }
        client.requestRead(0, 4096);
        awaitTimers(1);
    }

    /** Turns red when whoever waits has a worker wait with it. */
    @ParameterizedTest
    @EnumSource(names = {"READ", "WRITE", "TRIM"})
    void thoseThatWaitKeepNoWorkerFromOtherExports(NbdCommand command) throws IOException {
        TestServer server = start(new Limits());
        WireClient client = server.client();
        for (int i = 0; i < 100; i++) {
            request(client, command, 4096);
        }
        awaitTimers(1);
        client.flush();
        free.refuseNow(true);
        WireClient other = server.negotiating();
        other.go(FREE);
        other.write(0, CONTENT);
        assertThat(other.read(0, 4096)).isEqualTo(CONTENT);
    }

    /** Turns red when writes are taken without end although they have to wait, or reads that wait hold memory. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void thoseThatWaitLeaveMemoryForOtherExports(boolean writes) throws Exception {
        TestServer server = start(new Limits().bytes(32 * MIB));
        WireClient client = server.client();
        client.write(0, CONTENT);
        Thread sender = new Thread(() -> send(client, writes));
        sender.start();
        awaitTimers(1);
        TestServer.eventually("it has sent, or cannot", () -> !sender.isAlive() || server.pinnedSinceStart() > 4 * MIB);
        WireClient other = server.negotiating();
        other.go(FREE);
        byte[] large = Bytes.pattern(8 * MIB, 9);
        for (int i = 0; i < 3; i++) {
            other.write(0, large);
            assertThat(other.read(0, large.length)).isEqualTo(large);
        }
        client.close();
        sender.join();
    }

    private static void send(WireClient client, boolean writes) {
        byte[] payload = Bytes.pattern(MIB, 1);
        try {
            for (int i = 0; i < 64; i++) {
                if (writes) {
                    client.requestWrite(0, 0, payload);
                } else {
                    client.requestRead(0, 32 * MIB);
                }
            }
        } catch (IOException e) {
            return; // it was closed before all was taken
        }
    }

    /** Turns red when what was held back is carried out, or waited for, behind the end of its connection. */
    @ParameterizedTest
    @EnumSource(names = {"READ", "WRITE", "TRIM"})
    void whatWaitsWhenItsConnectionClosesIsDroppedAndNotCounted(NbdCommand command) throws IOException {
        TestServer server = start(new Limits());
        WireClient client = server.client();
        client.flush();
        for (int i = 0; i < 100; i++) {
            request(client, command, 4096);
        }
        awaitTimers(1);
        client.flush();
        client.close();
        WireClient next = server.client();
        long write = next.requestWrite(0, 8192, CONTENT);
        awaitTimers(2);
        time.pass(1, TimeUnit.SECONDS);
        assertThat(next.replyTo(write).error()).isZero();
        assertThat(memory.calls().stream().filter(call -> call.kind() == kind(command) && call.offset() == 0))
                .as("before the limit was reached")
                .hasSize(1);
    }

    private static Kind kind(NbdCommand command) {
        return Kind.valueOf(command.name());
    }

    /** Turns red when a long range is let in as a whole, or goes on behind the end of its connection. */
    @Test
    void aLongRangeWaitsBeforeEachOfItsSteps() throws IOException {
        device.limits(new DeviceLimits(Optional.empty(), Optional.of(new Rate(1 << 30, 1 << 30))));
        TestServer server = start(new Limits());
        WireClient client = server.client();
        long trim = client.request(NbdCommand.TRIM, 0, 0, 3L << 30);
        awaitTimers(1);
        assertThat(memory.count(Kind.TRIM)).isEqualTo(1);
        time.pass(1, TimeUnit.SECONDS);
        awaitTimers(2);
        assertThat(memory.count(Kind.TRIM)).isEqualTo(2);
        time.pass(1, TimeUnit.SECONDS);
        assertThat(client.replyTo(trim).error()).isZero();
        client.request(NbdCommand.TRIM, 0, 0, 3L << 30);
        awaitTimers(3);
        client.close();
        server.client().flush();
        assertThat(memory.count(Kind.TRIM)).isEqualTo(3);
    }

    /** Turns red when a server that closes waits for what was held back. */
    @Test
    void whatWaitsWhenTheServerClosesIsRefused() throws Exception {
        TestServer server = start(new Limits().closeDeadlineMs(60_000));
        WireClient client = server.client();
        client.write(0, CONTENT);
        List<Long> late = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            late.add(client.requestRead(0, 4096));
        }
        awaitTimers(1);
        client.flush();
        Thread closing = new Thread(() -> {
            try {
                server.server().close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        closing.start();
        for (long cookie : late) {
            assertThat(client.replyTo(cookie).error()).isEqualTo(NbdErrno.ESHUTDOWN.code());
        }
        client.expectClose();
        closing.join();
    }

    @Test
    void limitsThatAreLiftedLetAllGoAtOnce() throws IOException {
        WireClient client = start(new Limits()).client();
        client.write(0, CONTENT);
        List<Long> late = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            late.add(client.requestRead(0, 4096));
        }
        awaitTimers(1);
        client.flush();
        device.limits(DeviceLimits.NONE);
        for (long cookie : late) {
            assertThat(client.replyTo(cookie).data()).isEqualTo(CONTENT);
        }
    }
}
