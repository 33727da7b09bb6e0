package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.wire.HandshakeFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdOption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients that come in masses and mean no good. Whoever else is there, or comes meanwhile, is served. */
class FloodTest {
    private static final int MIB = 1 << 20;

    private final MemoryBlockDevice device = new MemoryBlockDevice(64 * MIB);

    /** Others are served, and soon. */
    private static void requireServiceFor(TestServer server, WireClient existing) throws IOException {
        long start = System.nanoTime();
        existing.requireService();
        existing.write(4096, new byte[4096]);
        existing.flush();
        server.requireService();
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(3));
    }

    @Test
    void idleConnectionsKeepNobodyOutAndDoNotPileUp() throws IOException {
        // Deliberate bug: connections that negotiate are not limited, or the newest is turned away instead of the
        // oldest.
        try (TestServer server = TestServer.start(device, new Limits().connections(200))) {
            WireClient existing = server.client();
            for (int i = 0; i < 600; i++) {
                server.connected();
                if (i % 100 == 99) {
                    requireServiceFor(server, existing);
                }
            }
            TestServer.eventually(
                    "the oldest were closed",
                    () -> server.server().connections() <= ServerLimits.DEFAULT.maxHandshakes() + 1);
        }
    }

    @Test
    void handshakesThatComeByteByByteKeepNobodyOut() throws IOException {
        // Deliberate bug: every byte puts off the end of the handshake.
        Limits limits = new Limits().handshakeDeadlineMs(1500);
        try (TestServer server = TestServer.start(device, limits)) {
            WireClient existing = server.client();
            byte[] handshake = new Bytes()
                    .u32(HandshakeFlags.ALL)
                    .put(WireClient.optionBytes(NbdOption.LIST.code(), new byte[0]))
                    .put(WireClient.optionBytes(99, new byte[60_000]))
                    .array();
            List<WireClient> slow = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                slow.add(server.connected());
            }
            long start = System.nanoTime();
            int open = slow.size();
            for (int at = 0; open > 0; at++) {
                byte[] next = {handshake[at]};
                open = 0;
                for (WireClient client : slow) {
                    open += client.trySend(next) ? 1 : 0;
                }
                if (at % 20 == 0) {
                    requireServiceFor(server, existing);
                }
                TestServer.pause(20);
                assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
            }
            requireServiceFor(server, existing);
        }
    }

    @Test
    void optionsWithoutEndKeepNobodyOut() throws IOException {
        try (TestServer server = TestServer.start(device)) {
            WireClient existing = server.client();
            Bytes many = new Bytes();
            for (int i = 0; i < 200; i++) {
                many.put(WireClient.optionBytes(NbdOption.LIST.code(), new byte[0]));
                many.put(WireClient.optionBytes(99, new byte[1000]));
            }
            byte[] options = many.array();
            for (int i = 0; i < 50; i++) {
                WireClient greedy = server.negotiating();
                greedy.trySend(options); // more than anybody may send, and no answer is read
                if (i % 10 == 0) {
                    requireServiceFor(server, existing);
                }
            }
            requireServiceFor(server, existing);
        }
    }

    @Test
    void whoComesWhenAllPlacesAreTakenIsTurnedAwayAndTheOthersGoOn() throws IOException {
        try (TestServer server = TestServer.start(device, new Limits().connections(20))) {
            List<WireClient> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(server.client());
            }
            for (int i = 0; i < 50; i++) {
                server.connected().expectClose();
            }
            for (WireClient client : clients) {
                client.requireService();
            }
            clients.get(0).close();
            TestServer.eventually("there is a place", () -> server.server().connections() < 20);
            server.requireService();
        }
    }

    @Test
    void payloadsThatNeverComeHoldUpSmallRequestsNotAtAllAndLargeOnesNotForLong() throws IOException {
        // Deliberate bugs: the memory for a payload is taken without asking; nobody is closed who holds it for nothing;
        // small requests stand in line behind large ones.
        Limits limits = new Limits().bytes(80L * MIB).stallDeadlineMs(1000);
        try (TestServer server = TestServer.start(device, limits)) {
            WireClient existing = server.client();
            for (int i = 0; i < 4; i++) {
                WireClient stalled = server.client();
                byte[] request = stalled.requestBytes(NbdCommand.WRITE.code(), 0, 1, 0, 32 * MIB, new byte[32 * MIB]);
                stalled.send(Arrays.copyOf(request, i % 2 == 0 ? 28 + 10 : 28 + 100_000)); // two get room, two wait
            }
            TestServer.pause(50);
            assertThat(server.pinnedSinceStart()).isLessThan(90L * MIB);
            requireServiceFor(server, existing);
            existing.write(0, new byte[8 * MIB]);
            assertThat(existing.read(0, 8 * MIB)).hasSize(8 * MIB);
            requireServiceFor(server, existing);
        }
    }

    @Test
    void payloadsThatTrickleHoldUpSmallRequestsNotAtAllAndLargeOnesNotForLong() throws Exception {
        Limits limits = new Limits().bytes(80L * MIB).stallDeadlineMs(1000);
        try (TestServer server = TestServer.start(device, limits)) {
            WireClient existing = server.client();
            List<WireClient> slow = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                WireClient client = server.client();
                byte[] request = client.requestBytes(NbdCommand.WRITE.code(), 0, 1, 0, 32 * MIB, new byte[32 * MIB]);
                Thread sender = new Thread(() -> client.trySend(Arrays.copyOf(request, 20 * MIB)));
                sender.setDaemon(true);
                sender.start(); // those without room do not get it sent
                slow.add(client);
            }
            TestServer.pause(300);
            requireServiceFor(server, existing);
            boolean[] done = {false};
            Thread trickle = new Thread(() -> {
                while (!done[0]) {
                    slow.forEach(client -> client.trySend(new byte[1]));
                    TestServer.pause(20);
                }
            });
            trickle.setDaemon(true);
            trickle.start();
            existing.write(0, new byte[8 * MIB]);
            done[0] = true;
            requireServiceFor(server, existing);
        }
    }
}
