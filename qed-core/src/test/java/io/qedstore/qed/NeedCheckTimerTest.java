package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A dirty period ends after five seconds without an allocation, and not before. */
class NeedCheckTimerTest {
    private final MemoryImageFile file = new MemoryImageFile();

    private boolean dirtyOnDisk() throws IOException {
        return HeaderReader.read(file, HeaderLayout.FINAL).header().needsCheck();
    }

    private static void tick(NeedCheckTimer timer, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            timer.tick();
        }
    }

    @Test
    void fiveIdleTicksEndTheDirtyPeriod() throws IOException {
        new NewImage(new ImageGeometry(4096, 2), 1 << 20).createIn(file, HeaderLayout.FINAL);
        try (PlainImage image = PlainImage.open("a", file, null, QedImage.DEFAULT_L2_CACHE_BYTES)) {
            NeedCheckTimer timer = new NeedCheckTimer(image::allocations, image::clearNeedCheck);
            image.write(0, ByteBuffer.allocate(512));
            tick(timer, 1 + NeedCheckTimer.IDLE_TICKS - 1);
            assertThat(dirtyOnDisk()).isTrue();
            image.write(8192, ByteBuffer.allocate(512));
            tick(timer, 1 + NeedCheckTimer.IDLE_TICKS - 1);
            assertThat(dirtyOnDisk())
                    .as("a new allocation starts the count again")
                    .isTrue();
            image.write(0, ByteBuffer.allocate(512));
            tick(timer, 1);
            assertThat(dirtyOnDisk()).as("a write in place does not").isFalse();
            image.write(16384, ByteBuffer.allocate(512));
            assertThat(dirtyOnDisk())
                    .as("the next allocation opens the next period")
                    .isTrue();
        }
        assertThat(dirtyOnDisk()).isFalse();
    }
}
