package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Call;
import io.qedstore.device.MemoryBlockDevice.Gate;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.device.ZeroOption;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests over ranges that take long: in steps, out of others' way, and over when their connection is. */
class LongRangeTest {
    private static final long GIB = 1L << 30;
    private static final int LONG_RANGE_WORKERS = 4;

    private final MemoryBlockDevice device = new MemoryBlockDevice(64 * GIB).refuseNow(true);

    /** Turns red when long ranges run on the workers that everybody needs, or go on after their connection was closed. */
    @Test
    void theyKeepNobodyFromTheDiskOrFromConnecting() throws Exception {
        try (TestServer server = TestServer.start(device, new Limits())) {
            Gate zeroing = device.hold(Kind.ZERO);
            WireClient greedy = server.client();
            for (int i = 0; i < 64; i++) {
                greedy.request(NbdCommand.WRITE_ZEROES, CommandFlags.NO_HOLE, 0, 2 * GIB);
            }
            zeroing.awaitArrivals(LONG_RANGE_WORKERS);
            WireClient other = server.client();
            other.write(0, new byte[4096]);
            assertThat(other.call(NbdCommand.FLUSH, 0, 0, 0).error()).isZero();
            assertThat(other.call(NbdCommand.TRIM, 0, 0, 4096).error()).isZero();
            greedy.close();
            TestServer.eventually("it is gone", () -> server.server().connections() == 1);
            zeroing.open();
            server.requireService();
            assertThat(device.count(Kind.ZERO)).isEqualTo(LONG_RANGE_WORKERS);
        }
    }

    @Test
    void theStepsMakeTheWholeRangeAndOneAnswer() throws Exception {
        try (TestServer server = TestServer.start(device, new Limits())) {
            WireClient client = server.client();
            int flags = CommandFlags.FUA | CommandFlags.FAST_ZERO;
            assertThat(client.call(NbdCommand.WRITE_ZEROES, flags, 512, 3 * GIB + 1024)
                            .error())
                    .isZero();
            List<Call> steps = device.calls().stream()
                    .filter(call -> call.kind() == Kind.ZERO)
                    .toList();
            long next = 512;
            for (Call step : steps) {
                assertThat(step.offset()).isEqualTo(next);
                next += step.lengthBytes();
                assertThat(step.flags().contains(ZeroOption.FAST_ZERO))
                        .as("only the first may be refused as slow")
                        .isEqualTo(step.offset() == 512);
            }
            assertThat(next).isEqualTo(512 + 3 * GIB + 1024);
            assertThat(steps).hasSize(3);
            assertThat(device.count(Kind.FLUSH)).isEqualTo(1);
            server.requireService();
        }
    }

    @Test
    void aStepThatFailsFailsTheRequest() throws Exception {
        try (TestServer server = TestServer.start(device, new Limits())) {
            WireClient client = server.client();
            device.fail(call -> call.offset() >= 2 * GIB, new IOException("broken"));
            assertThat(client.call(NbdCommand.TRIM, 0, 0, 4 * GIB - 512).error())
                    .isEqualTo(5);
            assertThat(client.call(NbdCommand.TRIM, 0, 0, GIB + 512).error()).isZero();
        }
    }
}
