package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.wire.NbdCommand;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server owes to a device that is more than a file: it may keep what it is given, and not be certain of what it has. */
class DeviceContractTest {
    private static final int MIB = 1 << 20;

    private final MemoryBlockDevice device = new MemoryBlockDevice(64 * MIB);

    /** Turns red when a write's buffer is given back when the write has completed. */
    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 100_000, MIB})
    void bytesThatTheDeviceKeepsStayBehindTheReply(int length) throws Exception {
        try (TestServer server = TestServer.start(device, new Limits())) {
            device.keepPayloads();
            WireClient client = server.client();
            int writes = 8 * MIB / MIB;
            for (int i = 0; i < writes; i++) {
                client.write((long) i * MIB, Bytes.pattern(length, i));
            }
            for (int i = 0; i < 64; i++) { // others that would like the memory
                client.read(32 * MIB, MIB);
            }
            device.takeKept();
            for (int i = 0; i < writes; i++) {
                assertThat(device.content((long) i * MIB, length)).isEqualTo(Bytes.pattern(length, i));
            }
            server.requireService();
        }
    }

    /** Turns red when a reply goes out before the device is certain of it, on the spot or by a worker. */
    @ParameterizedTest
    @ValueSource(ints = {4096, MIB})
    void whatWasReadIsToldOnceItIsCertain(int length) throws Exception {
        try (TestServer server = TestServer.start(device, new Limits())) {
            device.fill(0, Bytes.pattern(length, 1));
            device.loseCurrency();
            WireClient client = server.client();
            long read = client.requestRead(0, length);
            TestServer.eventually("it was read", () -> device.waitingToBeCurrent() == 1);
            client.write(8 * MIB, new byte[512]); // others go on
            device.becomeCurrent(null);
            assertThat(client.replyTo(read).data()).isEqualTo(Bytes.pattern(length, 1));
            server.requireService();
        }
    }

    /** Turns red when a client that had to wait once, and has nothing more to say, counts as one that may have said more. */
    @Test
    void aClientThatIsIdleBehindAPauseKeepsNobodyOut() throws Exception {
        try (TestServer server = TestServer.start(device, new Limits().requests(1))) {
            WireClient idle = server.client();
            MemoryBlockDevice.Gate gate = device.hold(MemoryBlockDevice.Kind.FLUSH);
            long first = idle.request(NbdCommand.FLUSH, 0, 0, 0);
            gate.awaitArrivals(1);
            long second = idle.request(NbdCommand.FLUSH, 0, 0, 0); // received, and there is no room for it
            gate.open();
            assertThat(idle.replyTo(first).error()).isZero();
            assertThat(idle.replyTo(second).error()).isZero();
            server.client().flush();
        }
    }

    @Test
    void whatWasReadAndMayBeOldIsToldToNobody() throws Exception {
        try (TestServer server = TestServer.start(device, new Limits())) {
            device.loseCurrency();
            WireClient client = server.client();
            long read = client.requestRead(0, 4096);
            TestServer.eventually("it was read", () -> device.waitingToBeCurrent() == 1);
            device.becomeCurrent(new IOException("another node has taken the image"));
            assertThat(client.replyTo(read).error()).isEqualTo(5);
            device.becomeCurrent(null);
            assertThat(client.call(NbdCommand.FLUSH, 0, 0, 0).error()).isZero();
            server.requireService();
        }
    }
}
