package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Gate;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What clients that ask for too much get: everything, later. And others meanwhile.
 *
 * <p>Deliberate bugs that turn it red: a limit that is not looked at; room that is not given back, or given back twice; a
 * connection that is not woken when there is room again.
 */
class BackpressureTest {
    private static final int MIB = 1 << 20;

    private final MemoryBlockDevice device = new MemoryBlockDevice(64 * MIB).refuseNow(true);

    /** Time in which a request that must not reach the device would have reached it. */
    private static void giveItTime() {
        TestServer.pause(150);
    }

    @ParameterizedTest
    @EnumSource
    void moreRequestsThanAConnectionMayHaveInFlightWaitTheirTurn(ReplyForm form) throws Exception {
        try (TestServer server = TestServer.start(device, new Limits().requests(4))) {
            Gate reads = device.hold(Kind.READ);
            WireClient client = server.client(form);
            List<Long> cookies = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                cookies.add(client.requestRead(i * 4096L, 512));
            }
            reads.awaitArrivals(4);
            giveItTime();
            assertThat(reads.arrivals()).isZero();
            reads.open();
            for (long cookie : cookies) {
                assertThat(client.replyTo(cookie).error()).isZero();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"READ, 262144", "WRITE, 262144", "READ, 4194304", "WRITE, 4194304"})
    void moreBytesThanAConnectionMayHaveInFlightWaitTheirTurn(NbdCommand command, int length) throws Exception {
        try (TestServer server = TestServer.start(device, new Limits().connectionBytes(MIB))) {
            Gate gate = device.hold(call -> call.lengthBytes() > 4096);
            WireClient client = server.client();
            int atOnce = Math.max(1, MIB / length); // one that is larger than the limit is served alone
            List<Long> cookies = new ArrayList<>();
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 3 * atOnce; i++) {
                    byte[] payload = command == NbdCommand.WRITE ? new byte[length] : new byte[0];
                    client.trySend(client.requestBytes(command.code(), 0, i, 0, length, payload));
                }
            });
            for (long i = 0; i < 3L * atOnce; i++) {
                client.expect(i, command, 0, length);
                cookies.add(i);
            }
            writer.start();
            gate.awaitArrivals(atOnce);
            giveItTime();
            assertThat(gate.arrivals()).isZero();
            gate.open();
            for (long cookie : cookies) {
                assertThat(client.replyTo(cookie).error()).isZero();
            }
            writer.join();
        }
    }

    @Test
    void bytesInFlightOfAllConnectionsHaveOneLimitAndSmallRequestsPassBy() throws Exception {
        try (TestServer server = TestServer.start(device, new Limits().bytes(MIB))) {
            Gate gate = device.hold(call -> call.lengthBytes() > 4096);
            WireClient one = server.client();
            WireClient two = server.client();
            long first = one.requestRead(0, MIB);
            gate.awaitArrivals(1);
            long second = two.requestRead(0, MIB / 2);
            long third = two.requestRead(0, 512); // its connection is in line
            giveItTime();
            assertThat(gate.arrivals()).isZero();
            device.refuseNow(false);
            server.requireService(); // from memory, which needs no room
            one.requireService();
            gate.open();
            assertThat(one.replyTo(first).error()).isZero();
            assertThat(two.replyTo(second).error()).isZero();
            assertThat(two.replyTo(third).error()).isZero();
        }
    }

    @Test
    void aRequestLargerThanAllThereIsGetsItAloneAndGivesItBack() throws Exception {
        try (TestServer server = TestServer.start(device, new Limits().bytes(MIB))) {
            WireClient client = server.client();
            byte[] content = Bytes.pattern(9 * MIB, 1);
            for (int i = 0; i < 3; i++) { // would wait for ever if a byte had been lost
                client.write(i, content);
                assertThat(client.read(i, content.length)).isEqualTo(content);
                server.requireService();
            }
        }
    }

    @Test
    void everythingIsGivenBackWhateverBecomesOfRequests() throws Exception {
        try (TestServer server = TestServer.start(device, new Limits().bytes(MIB))) {
            WireClient client = server.client(ReplyForm.STRUCTURED);
            byte[] data = new byte[400_000];
            device.fail(call -> true, new IOException("broken"));
            assertThat(client.call(NbdCommand.READ, 0, 0, 400_000).error()).isNotZero();
            assertThat(client.replyTo(client.requestWrite(0, 0, data)).error()).isNotZero();
            device.heal();
            client.replyTo(client.requestWrite(0, 64 * MIB, data)); // refused
            client.call(NbdCommand.READ, 0, 64 * MIB, 400_000);
            try (WireClient cut = WireClient.negotiating(server.address())) {
                cut.go(TestServer.EXPORT);
                byte[] request = cut.requestBytes(NbdCommand.WRITE.code(), 0, 1, 0, data.length, data);
                cut.send(Arrays.copyOf(request, 200_000));
            }
            Gate reads = device.hold(Kind.READ);
            try (WireClient gone = WireClient.negotiating(server.address())) {
                gone.go(TestServer.EXPORT);
                gone.requestRead(0, 400_000);
                gone.requestRead(0, 400_000);
                gone.requestRead(0, 400_000); // has no room
                reads.awaitArrivals(2);
            }
            TestServer.eventually("they are gone", () -> server.server().connections() == 1);
            reads.open();
            client.write(0, new byte[2 * MIB]); // needs all
        }
    }

    @Test
    void manyConnectionsWithLargeRequestsAllComeToTheirTurn() throws Exception {
        try (TestServer server =
                TestServer.start(device, new Limits().bytes(2 * MIB).connectionBytes(MIB))) {
            List<Thread> threads = new ArrayList<>();
            List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
            for (int c = 0; c < 8; c++) {
                long base = c * (long) MIB * 4;
                threads.add(new Thread(() -> {
                    try (WireClient client = WireClient.negotiating(server.address())) {
                        client.go(TestServer.EXPORT);
                        for (int i = 0; i < 12; i++) {
                            byte[] content = Bytes.pattern(i % 3 == 0 ? 3 * MIB : 150_000 * (i % 4 + 1), base + i);
                            client.write(base, content);
                            if (!Arrays.equals(client.read(base, content.length), content)) {
                                throw new AssertionError("read back otherwise");
                            }
                        }
                    } catch (IOException | AssertionError e) {
                        failures.add(e);
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
        }
    }

    // ---- clients that do not read their replies

    /** How a device answers. */
    private enum Source {
        MEMORY,
        WORKERS,
        FILE
    }

    @ParameterizedTest
    @CsvSource({
        "MEMORY, 512",
        "MEMORY, 65536",
        "MEMORY, 1048576",
        "WORKERS, 512",
        "WORKERS, 1048576",
        "FILE, 32768",
        "FILE, 1048576"
    })
    void clientsThatDoNotReadTheirRepliesStopOnlyThemselvesAndCostLittle(
            Source source, int length, @TempDir Path folder) throws Exception {
        // Deliberate bugs: requests are taken whether or not the socket takes replies; replies out of files count
        // nowhere.
        int clients = 8;
        int requests = 6000;
        try (FileChannel file = FileChannel.open(
                        folder.resolve("content"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
                TestServer server = TestServer.start(
                        device, new Limits().connectionBytes(4 * MIB).bytes(64 * MIB))) {
            byte[] content = Bytes.pattern(8 * MIB, 3);
            device.fill(0, content);
            device.refuseNow(source == Source.WORKERS);
            if (source == Source.FILE) {
                file.write(ByteBuffer.wrap(content));
                device.sendFrom(file);
            }
            List<Thread> writers = new ArrayList<>();
            List<WireClient> greedy = new ArrayList<>();
            for (int c = 0; c < clients; c++) {
                WireClient client = server.client();
                Bytes all = new Bytes();
                for (int i = 0; i < requests; i++) {
                    client.expect(i, NbdCommand.READ, 4096L * (i % 256), length);
                    all.put(client.requestBytes(NbdCommand.READ.code(), 0, i, 4096L * (i % 256), length, new byte[0]));
                }
                writers.add(new Thread(() -> client.trySend(all.array())));
                greedy.add(client);
            }
            writers.forEach(Thread::start);
            long most = 0;
            for (int i = 0; i < 100; i++) {
                most = Math.max(most, server.pinnedSinceStart());
                if (i % 20 == 0) {
                    server.requireService();
                }
                TestServer.pause(3);
            }
            assertThat(most / clients).as("bytes of buffers for each").isLessThan(6 * MIB);
            for (int i = 0; i < 200; i++) { // then they do
                WireReply reply = greedy.get(0).reply();
                int offset = (int) (4096 * (reply.cookie() % 256));
                assertThat(Arrays.equals(reply.data(), 0, length, content, offset, offset + length))
                        .isTrue();
            }
            for (WireClient client : greedy) {
                client.close();
            }
            for (Thread writer : writers) {
                writer.join();
            }
            server.requireService();
        }
    }
}
