package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Which writes and lookups need nothing but memory, and that the others are left alone. */
class TryWriteTest {
    private static final int CLUSTER = 65536;
    private static final long SIZE = 8L << 30;
    private static final long SECOND_TABLE = 2L << 30;

    private final MemoryImageFile file = new MemoryImageFile();

    private PlainImage open() throws IOException {
        return PlainImage.open("disk.qed", file, null, QedImage.DEFAULT_L2_CACHE_BYTES);
    }

    private void create() throws IOException {
        new NewImage(new ImageGeometry(CLUSTER, 4), SIZE).createIn(file, HeaderLayout.FINAL);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String read(PlainImage image, long guestOffset, int lengthBytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(lengthBytes);
        image.read(guestOffset, target);
        return new String(target.array(), StandardCharsets.US_ASCII);
    }

    @Test
    void theFirstAllocationOfADirtyPeriodWaitsForADisk() throws IOException {
        create();
        try (PlainImage image = open()) {
            assertThat(image.tryWrite(0, bytes("one"))).isFalse();
            assertThat(image.header().needsCheck()).isFalse();
            assertThat(read(image, 0, 3)).isEqualTo("\0\0\0");
            image.write(0, bytes("one"));
            assertThat(image.tryWrite(CLUSTER, bytes("two"))).as("new table").isFalse();
            assertThat(read(image, 0, 3)).isEqualTo("one");
            assertThat(image.tryWrite(CLUSTER, bytes("two"))).isTrue();
            assertThat(read(image, CLUSTER, 3)).isEqualTo("two");
            image.clearNeedCheck();
            assertThat(image.tryWrite(2L * CLUSTER, bytes("three"))).isFalse();
            assertThat(image.tryWrite(1, bytes("in place"))).as("mapped").isTrue();
            assertThat(read(image, 0, 9)).isEqualTo("oin place");
        }
    }

    @Test
    void aNewTableIsNotForThoseInAHurry() throws IOException {
        create();
        try (PlainImage image = open()) {
            image.write(0, bytes("one"));
            assertThat(image.tryWrite(SECOND_TABLE, bytes("two"))).isFalse();
            assertThat(image.tryWrite(SECOND_TABLE - 2, bytes("four")))
                    .as("a part of it")
                    .isFalse();
            assertThat(read(image, SECOND_TABLE - 2, 4)).isEqualTo("\0\0\0\0");
        }
    }

    @Test
    void aTableThatIsNotInMemoryIsNotLoaded() throws IOException {
        create();
        try (PlainImage image = open()) {
            image.write(0, bytes("one"));
        }
        try (PlainImage image = open()) {
            assertThat(image.extentIfCached(0, 1)).isNull();
            assertThat(image.tryWrite(0, bytes("two"))).isFalse();
            assertThat(image.extent(0, 1).kind()).isEqualTo(GuestImage.Kind.DATA);
            assertThat(image.extentIfCached(0, 1)).isEqualTo(image.extent(0, 1));
            assertThat(image.tryWrite(0, bytes("two"))).isTrue();
        }
    }

    @Test
    void aBackedClusterIsFilledByThoseWhoCanWait() throws IOException {
        MemoryImageFile base = new MemoryImageFile();
        base.write(0, bytes("0123456789"));
        base.setLength(SIZE);
        new NewImage(new ImageGeometry(CLUSTER, 4), SIZE, "base.raw", "raw").createIn(file, HeaderLayout.FINAL);
        GuestImage backing = new RawImage("base.raw", base);
        try (PlainImage image = PlainImage.open("disk.qed", file, backing, QedImage.DEFAULT_L2_CACHE_BYTES)) {
            image.write(CLUSTER, bytes("a table"));
            assertThat(image.tryWrite(1, bytes("x"))).isFalse();
            image.write(1, bytes("x"));
            assertThat(read(image, 0, 4)).isEqualTo("0x23");
            assertThat(image.tryWrite(2, bytes("y"))).isTrue();
            assertThat(read(image, 0, 4)).isEqualTo("0xy3");
        }
    }

    /** Turns red when a lookup queues for the lock while somebody who has it waits for the disk. */
    @Test
    void nobodyInAHurryWaitsForSomebodyWhoSyncs() throws IOException, InterruptedException {
        create();
        try (PlainImage image = open()) {
            image.write(0, bytes("one"));
            assertThat(read(image, 0, 3)).isEqualTo("one");
            CountDownLatch syncing = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            Thread slow = new Thread(() -> planAndHold(image, syncing, goOn));
            slow.start();
            syncing.await();
            assertThat(image.extentIfCached(0, 1)).isNull();
            assertThat(image.tryWrite(0, bytes("two"))).isFalse();
            goOn.countDown();
            slow.join();
            assertThat(image.tryWrite(0, bytes("two"))).isTrue();
        }
    }

    /** Makes a new table, which is synced under the plan lock, and stays there until it may go on. */
    private void planAndHold(PlainImage image, CountDownLatch syncing, CountDownLatch goOn) {
        file.onSync(() -> {
            syncing.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            image.write(SECOND_TABLE, bytes("table"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
