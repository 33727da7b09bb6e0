package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.file.FaultyImageFile;
import io.qedstore.qed.file.FaultyImageFile.Done;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What qemu gets wrong when a table cannot be written (its driver keeps the entry in memory), and failed syncs. */
class FailedWriteTest {
    private static final int CLUSTER = 4096;

    /** Calls of a write into a span without an L2 table: zeros of the table, its entry, sync, and then the L1 entry. */
    private static final int L1_WRITE = 4;

    private final MemoryImageFile memory = new MemoryImageFile();
    private final FaultyImageFile file = new FaultyImageFile(memory);

    @BeforeEach
    void createImage() throws IOException {
        new NewImage(new ImageGeometry(CLUSTER, 2), 64 << 20).createIn(file, HeaderLayout.FINAL);
    }

    @Test
    void whatIsWrittenAfterAFailedL1UpdateIsNotLost() throws IOException {
        PlainImage image = openDirty();
        file.failAfter(L1_WRITE, Done.NOTHING);
        assertThatThrownBy(() -> image.write(8 << 20, cluster(2))).hasMessageContaining("write at byte 4112");
        assertThat(read(image, 8 << 20)).isEqualTo(cluster(0));
        image.write((8 << 20) + CLUSTER, cluster(3));
        image.close();
        PlainImage again = open();
        assertThat(read(again, (8 << 20) + CLUSTER)).isEqualTo(cluster(3));
        assertThat(read(again, 8 << 20)).isEqualTo(cluster(0));
    }

    @Test
    void anImageWhoseTablesCouldNotBeReadBackEitherRefusesAllUse() throws IOException {
        PlainImage image = openDirty();
        file.failAfter(L1_WRITE, Done.NOTHING);
        file.failReads(true);
        assertThatThrownBy(() -> image.write(8 << 20, cluster(2))).isInstanceOf(IOException.class);
        file.failReads(false);
        assertThatThrownBy(() -> image.write((8 << 20) + CLUSTER, cluster(3))).hasMessageContaining("open it again");
        assertThatThrownBy(() -> read(image, 0)).hasMessageContaining("open it again");
        assertThatThrownBy(() -> image.resize(128 << 20)).hasMessageContaining("open it again");
        assertThat(read(open(), 0)).isEqualTo(cluster(1));
    }

    @Test
    void anImageWhoseHeaderCouldNotBeReadBackRefusesAllUse() throws IOException {
        PlainImage image = openDirty();
        file.failAfter(0, Done.NOTHING);
        file.failReadsOf(0, 64);
        assertThatThrownBy(() -> image.resize(128 << 20))
                .hasMessageContaining("injected")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        file.failReadsOf(0, 0);
        assertThatThrownBy(() -> image.write(CLUSTER, cluster(2))).hasMessageContaining("open it again");
        assertThat(open().sizeBytes()).isEqualTo(64 << 20);
    }

    @Test
    void needCheckStaysWhereATableCannotBeChecked() throws IOException {
        PlainImage image = openDirty();
        long table = 4096L * 4;
        image.flush();
        file.failReadsOf(table, table + 4096);
        assertThatThrownBy(this::open).hasMessageContaining("Image corrupted").hasMessageContaining("disk.qed");
        CheckResult repaired = PlainImage.repairAndMarkClean(file, image.header());
        assertThat(repaired.checkErrors()).isEqualTo(1);
        assertThat(HeaderReader.read(file, HeaderLayout.FINAL).header().needsCheck())
                .isTrue();
        file.failReadsOf(0, 0);
        assertThat(read(open(), 0)).isEqualTo(cluster(1));
    }

    @Test
    void whatAFailedWriteLeftBehindIsZeroedBeforeItsSpaceIsUsed() throws IOException {
        PlainImage image = openDirty();
        file.failAfter(0, Done.HALF);
        assertThatThrownBy(() -> image.write(CLUSTER, cluster(9))).hasMessageContaining("injected");
        image.close();
        long end = file.length();
        assertThat(end % CLUSTER).as("half a cluster is left").isEqualTo(CLUSTER / 2);
        PlainImage again = open();
        file.failAfter(3, Done.NOTHING); // zeros of the rest, sync, header and its sync come first
        ByteBuffer rest = ByteBuffer.allocate(CLUSTER / 2);
        assertThatThrownBy(() -> again.write(65536, cluster(5))).hasMessageContaining("injected");
        file.read(end - CLUSTER / 2, rest);
        assertThat(rest.flip()).isEqualTo(ByteBuffer.allocate(CLUSTER / 2));
    }

    @Test
    void closingAgainHasNoEffect() throws IOException {
        PlainImage image = openDirty();
        image.close();
        image.close();
        assertThat(read(open(), 0)).isEqualTo(cluster(1));
    }

    @Test
    void spaceThatAFailedWriteWasGivenIsNotUsedAgain() throws IOException {
        PlainImage image = openDirty();
        long before = file.length();
        file.failAfter(0, Done.NOTHING);
        assertThatThrownBy(() -> image.write(CLUSTER, cluster(2))).hasMessageContaining("injected");
        image.write(CLUSTER, cluster(3));
        assertThat(image.extent(CLUSTER, CLUSTER).fileOffset()).hasValue(before + CLUSTER);
    }

    @Test
    void aFailedSyncIsNotForgotten() throws IOException {
        PlainImage image = openDirty();
        file.failAfter(0, Done.NOTHING);
        assertThatThrownBy(image::flush).hasMessageContaining("injected");
        assertThatThrownBy(image::flush).hasMessageContaining("earlier flush").hasRootCauseMessage(failure());
        assertThatThrownBy(image::close).hasMessageContaining("earlier flush");
        assertThat(HeaderReader.read(file, HeaderLayout.FINAL).header().needsCheck())
                .isTrue();
    }

    /** Turns red when two syncs run at a time: the file tells only one of them of the failure, and the other answers. */
    @Test
    void aSyncThatFailsFailsThoseWhoFlushMeanwhile() throws IOException, InterruptedException {
        PlainImage image = openDirty();
        CountDownLatch syncing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        memory.onSync(() -> {
            syncing.countDown();
            awaitUninterruptibly(goOn);
        });
        file.failAfter(0, Done.ALL);
        List<String> answers = Collections.synchronizedList(new ArrayList<>());
        Thread first = new Thread(() -> answers.add(flush(image)));
        Thread second = new Thread(() -> answers.add(flush(image)));
        first.start();
        syncing.await();
        second.start();
        await(() -> second.getState() == Thread.State.BLOCKED);
        goOn.countDown();
        first.join();
        second.join();
        assertThat(answers).hasSize(2).noneMatch(String::isEmpty);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    /** Why it failed; empty if it did not. */
    private static String flush(PlainImage image) {
        try {
            image.flush();
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private String failure() {
        return "injected failure of call " + (file.calls() - 1) + ", a sync";
    }

    /** An image with one L2 table, in a dirty period. */
    private PlainImage openDirty() throws IOException {
        PlainImage image = open();
        image.write(0, cluster(1));
        return image;
    }

    private PlainImage open() throws IOException {
        return PlainImage.open("disk.qed", file, null, 1 << 20);
    }

    private static ByteBuffer read(PlainImage image, long guestOffset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(CLUSTER);
        image.read(guestOffset, bytes);
        return bytes.flip();
    }

    private static ByteBuffer cluster(int value) {
        byte[] bytes = new byte[CLUSTER];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }
}
