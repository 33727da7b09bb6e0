package io.qedstore.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.Durability;
import io.qedstore.device.Patience;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What becomes of requests when the log takes nothing for longer than somebody wants to wait. */
class LogTimeoutTest {
    private static final int SIZE = 16 << 20;
    private static final int CLUSTER = 65536;
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private static VolumeRig rig(long maxPendingBytes, Duration timeout) throws IOException {
        NewImage image = new NewImage(new ImageGeometry(CLUSTER, 4), SIZE);
        return new VolumeRig(image, null, CacheMode.WRITETHROUGH, maxPendingBytes, timeout);
    }

    private static VolumeRig.Outcome write(VolumeRig rig, int cluster) {
        ByteBuffer data = ByteBuffer.allocate(CLUSTER).put(0, (byte) (cluster + 1));
        return rig.write((long) cluster * CLUSTER, data, Durability.ON_FLUSH, Patience.NOW);
    }

    private static void seconds(VolumeRig rig, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            rig.volume().tick();
            rig.workAll();
        }
    }

    @Test
    void requestsFailAfterItAndSoDoLaterOnesUntilTheLogGoesOn() throws IOException {
        VolumeRig rig = rig(64 << 20, TIMEOUT);
        rig.log.hold(true);
        VolumeRig.Outcome first = write(rig, 0);
        seconds(rig, 3);
        assertThat(first.isThere()).isFalse();
        seconds(rig, 1);
        assertThat(first.failure).hasMessageContaining("log.timeout").hasMessageContaining("may still count");
        assertThat(write(rig, 1).failure).hasMessageContaining("log.timeout");
        VolumeRig.Outcome flush = new VolumeRig.Outcome();
        rig.volume().flush(flush);
        assertThat(flush.failure).hasMessageContaining("log.timeout");

        rig.settle();
        VolumeRig.Outcome after = write(rig, 2);
        rig.settle();
        assertThat(after.succeeded).isTrue();
        assertThat(rig.read(0, 1)).as("what was given up for lost").containsExactly(1);
        assertThat(rig.read(CLUSTER, 1)).as("what was refused").containsExactly(0);
        assertThat(rig.kept).hasValue(0);
    }

    @Test
    void whoeverWaitsForRoomFailsToo() throws IOException {
        VolumeRig rig = rig(1, TIMEOUT);
        rig.log.hold(true);
        VolumeRig.Outcome first = write(rig, 0);
        VolumeRig.Outcome waits = write(rig, 1);
        seconds(rig, 4);
        assertThat(first.failure).isNotNull();
        assertThat(waits.failure).hasMessageContaining("log.timeout");
        rig.settle();
        assertThat(write(rig, 2).failure).isNull();
        rig.settle();
        assertThat(rig.kept).hasValue(0);
    }

    @Test
    void aLogThatIsSlowButGoesOnIsNoneThatHasStopped() throws IOException {
        VolumeRig rig = rig(64 << 20, TIMEOUT);
        rig.log.hold(true);
        for (int i = 0; i < 12; i++) {
            write(rig, i);
        }
        VolumeRig.Outcome last = write(rig, 12);
        for (int i = 0; i < 5; i++) {
            seconds(rig, 2);
            rig.log.take();
        }
        assertThat(last.isThere()).isFalse();
        rig.settle();
        assertThat(last.succeeded).isTrue();
    }

    @Test
    void readsWithoutALeaseFailTooAndSoDoLaterOnesUntilTheLogGoesOn() throws IOException {
        VolumeRig rig = rig(64 << 20, TIMEOUT);
        rig.log.hold(true);
        rig.pass(VolumeRig.LEASE.plusSeconds(1));
        VolumeRig.Outcome first = read(rig);
        VolumeRig.Outcome second = read(rig);
        seconds(rig, 2);
        assertThat(first.isThere()).isFalse();
        seconds(rig, 1);
        assertThat(first.failure).hasMessageContaining("log.timeout");
        assertThat(second.failure).hasMessageContaining("log.timeout");
        assertThat(read(rig).failure).hasMessageContaining("log.timeout");
        rig.settle();
        assertThat(read(rig).succeeded).isTrue();
        rig.pass(VolumeRig.LEASE.plusSeconds(1));
        VolumeRig.Outcome later = read(rig);
        rig.settle();
        assertThat(later.succeeded).isTrue();
    }

    private static VolumeRig.Outcome read(VolumeRig rig) {
        VolumeRig.Outcome outcome = new VolumeRig.Outcome();
        rig.volume().whenCurrent(outcome);
        return outcome;
    }

    @Test
    void lessThanASecondIsASecondAndNotForEver() throws IOException {
        VolumeRig rig = rig(64 << 20, Duration.ofMillis(1));
        rig.log.hold(true);
        VolumeRig.Outcome first = write(rig, 0);
        seconds(rig, 2);
        assertThat(first.failure).hasMessageContaining("log.timeout");
    }

    @Test
    void withoutItRequestsWaitForEver() throws IOException {
        VolumeRig rig = rig(64 << 20, Duration.ZERO);
        rig.log.hold(true);
        VolumeRig.Outcome first = write(rig, 0);
        seconds(rig, 1000);
        assertThat(first.isThere()).isFalse();
        rig.settle();
        assertThat(first.succeeded).isTrue();
    }
}
