package io.qedstore.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.Durability;
import io.qedstore.device.Patience;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.copy.CopyProgress;
import io.qedstore.qed.copy.DiskComparison;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A rewind that ends in the middle, wherever that is, and is begun anew. */
class RewindTest {
    private static final int SIZE = 8 << 20;
    private static final int BLOCK = 4096;
    private static final int WRITES = 30;
    private static final int MAX_BLOCKS = 40;

    private static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static VolumeRig rig() throws IOException {
        return new VolumeRig(
                new NewImage(new ImageGeometry(65536, 4), SIZE), null, CacheMode.WRITEBACK, Long.MAX_VALUE);
    }

    /** Data and zeros, in whole blocks and in parts of them. */
    private static VolumeRig written(Random random) throws IOException {
        VolumeRig rig = rig();
        for (int i = 0; i < WRITES; i++) {
            byte[] bytes = new byte[512 * (1 + random.nextInt(MAX_BLOCKS * BLOCK / 512))];
            if (random.nextInt(4) > 0) {
                random.nextBytes(bytes);
            }
            int sectors = (SIZE - bytes.length) / 512;
            rig.write(512L * random.nextInt(sectors), ByteBuffer.wrap(bytes), Durability.ON_FLUSH, Patience.WAIT);
        }
        rig.settle();
        return rig;
    }

    private static VolumeRig copyOf(VolumeRig other) throws IOException {
        VolumeRig copy = rig();
        for (int at = 0; at < SIZE; at += 1 << 20) {
            copy.write(at, ByteBuffer.wrap(other.read(at, 1 << 20)), Durability.ON_FLUSH, Patience.WAIT);
        }
        copy.settle();
        return copy;
    }

    private static boolean areSame(VolumeRig one, VolumeRig other) throws IOException {
        return DiskComparison.firstDifference(one.seen(), other.seen(), CopyProgress.NONE)
                .isEmpty();
    }

    /** How much of one differs from the other. */
    private static long difference(VolumeRig of, VolumeRig wanted) throws IOException {
        Rewind.Difference found = Rewind.difference(of.volume(), wanted.seen(), CopyProgress.NONE);
        return found.dataBytes() + found.zeroBytes();
    }

    /** @return whether it came to its end */
    private static boolean rewind(VolumeRig rig, VolumeRig to, int steps) throws IOException {
        int[] left = {steps};
        try {
            Rewind.run(rig.volume(), to.seen(), (done, all) -> {
                if (left[0]-- == 0) {
                    throw new Ended();
                }
            });
            return true;
        } catch (Ended e) {
            return false;
        } finally {
            rig.settle();
        }
    }

    /**
     * Deliberate bugs: one that is begun anew goes on behind what it had looked at, and not at the first block that differs; it
     * writes what was written already.
     */
    @Test
    void whereverItEndsItIsBegunAnewWithWhatStillDiffers() {
        Seeds.forEach(4, seed -> {
            Random random = new Random(seed);
            VolumeRig wanted = written(random);
            VolumeRig before = written(random);
            boolean isDone = false;
            for (int steps = 0; !isDone; steps++) {
                VolumeRig rig = copyOf(before);
                isDone = rewind(rig, wanted, steps);
                long left = difference(rig, wanted);
                long events = rig.owner.state().sequence().value();
                assertThat(areSame(rig, wanted)).as("after " + steps + " steps").isEqualTo(left == 0);
                assertThat(rewind(rig, wanted, Integer.MAX_VALUE)).isTrue();
                assertThat(areSame(rig, wanted))
                        .as("begun anew after " + steps + " steps")
                        .isTrue();
                if (left == 0) {
                    assertThat(rig.owner.state().sequence().value()).isEqualTo(events);
                }
                assertThat(rewind(rig, before, Integer.MAX_VALUE)).isTrue();
                assertThat(areSame(rig, before)).as("and back again").isTrue();
            }
        });
    }

    /** Deliberate bug: a write that has failed is taken for one that is in the log. */
    @Test
    void whoLosesTheImageMeanwhileHearsOfIt() throws IOException {
        Random random = new Random(7);
        VolumeRig wanted = written(random);
        VolumeRig rig = written(random);
        int[] steps = {0};
        assertThatThrownBy(() -> Rewind.run(rig.volume(), wanted.seen(), (done, all) -> {
                    if (++steps[0] == 3) {
                        rig.owner.giveUp("the test takes it away");
                    }
                }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the test takes it away");
    }
}
