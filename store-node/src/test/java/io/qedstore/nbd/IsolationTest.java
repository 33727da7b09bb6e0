package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Gate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one export or client can do to others. */
class IsolationTest {
    @Test
    void anExportThatHangsKeepsNobodyFromNegotiatingOrReadingWhatIsInMemory() throws Exception {
        // Deliberate bug: handshakes wait for the threads that wait for disks.
        MemoryBlockDevice hanging = new MemoryBlockDevice(1 << 20).refuseNow(true);
        MemoryBlockDevice sound = new MemoryBlockDevice(1 << 20);
        Exports exports = new FixedExports(List.of(
                new Export("hanging", "", hanging, Export.Reach.CLEAR_OR_TLS),
                new Export(TestServer.EXPORT, "", sound, Export.Reach.CLEAR_OR_TLS)));
        try (TestServer server = new TestServer(sound, new Limits().build(), exports, TlsMode.OFF, () -> {
            throw new IllegalStateException();
        })) {
            Gate all = hanging.hold(call -> true);
            WireClient existing = server.client();
            WireClient stuck = server.negotiating();
            stuck.go("hanging");
            for (int i = 0; i < 100; i++) {
                stuck.requestRead(i * 512L, 512);
            }
            all.awaitArrivals(32);
            try {
                existing.requireService();
                existing.write(0, new byte[512]);
                server.requireService();
            } finally {
                all.open();
            }
            for (int i = 0; i < 100; i++) {
                assertThat(stuck.reply().error()).isZero();
            }
        }
    }
}
