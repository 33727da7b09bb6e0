package io.qedstore.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What each store of checkpoints does. */
public abstract class CheckpointStoreContract {
    private static final ImageId OTHER = ImageId.of(8, 9);

    /** Whose copying was ended in the middle. */
    private static final class Killed extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** A store with what the calls before have left in it. */
    protected abstract CheckpointStore store() throws IOException;

    /** What the store takes up, in files or objects. */
    protected abstract long pieces() throws IOException;

    @Test
    void whatWasPutIsListedDescribedAndRestored() {
        Seeds.forEach(20, seed -> {
            Random random = new Random(seed);
            MemoryImageFile file = TestCheckpoints.file(random, 1 + random.nextInt(200));
            long sequence = 1 + seed;
            CheckpointDescription put =
                    store().put(TestCheckpoints.describe(file, sequence), file, (next, bytes) -> {});
            assertThat(put.storedBytes()).isPositive();
            assertThat(store().list(TestCheckpoints.IMAGE)).contains(new Sequence(sequence));
            assertThat(store().images()).contains(TestCheckpoints.IMAGE);
            assertThat(store().describe(TestCheckpoints.IMAGE, new Sequence(sequence)))
                    .isEqualTo(put);
            MemoryImageFile restored = new MemoryImageFile();
            store().restore(put, restored, 0, (next, bytes) -> {});
            assertThat(restored.toBytes()).isEqualTo(file.toBytes());
        });
    }

    @Test
    void checkpointsComeInTheOrderOfTheirSequences() throws IOException {
        MemoryImageFile file = TestCheckpoints.file(new Random(1), 3);
        for (long sequence : new long[] {9, 100, 20_000_000_000L}) {
            store().put(TestCheckpoints.describe(file, sequence), file, (next, bytes) -> {});
        }
        assertThat(store().list(TestCheckpoints.IMAGE))
                .containsExactly(new Sequence(9), new Sequence(100), new Sequence(20_000_000_000L));
        assertThat(store().list(OTHER)).isEmpty();
    }

    @Test
    void oneThatIsThereStaysAsItIs() throws IOException {
        MemoryImageFile file = TestCheckpoints.file(new Random(2), 50);
        CheckpointDescription first = store().put(TestCheckpoints.describe(file, 5), file, (next, bytes) -> {});
        long before = pieces();
        assertThat(store().put(TestCheckpoints.describe(file, 5), file, (next, bytes) -> {}))
                .isEqualTo(first);
        assertThat(pieces()).isEqualTo(before);
    }

    @Test
    void oneThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> store().describe(TestCheckpoints.IMAGE, new Sequence(4)))
                .isInstanceOf(CheckpointException.Missing.class)
                .hasMessageContaining("event 4");
    }

    @Test
    void oneWhosePuttingWasEndedIsNotThereAndTheNextPutLeavesNothingOfIt() throws IOException {
        MemoryImageFile file = TestCheckpoints.file(new Random(3), 20);
        assertThatThrownBy(() -> store().put(TestCheckpoints.describe(file, 5), file, (next, bytes) -> {
                    throw new Killed();
                }))
                .isInstanceOf(Killed.class);
        assertThat(store().list(TestCheckpoints.IMAGE)).isEmpty();
        store().put(TestCheckpoints.describe(file, 6), file, (next, bytes) -> {});
        assertThat(store().list(TestCheckpoints.IMAGE)).containsExactly(new Sequence(6));
        store().delete(TestCheckpoints.IMAGE, new Sequence(6));
        assertThat(pieces()).isZero();
    }

    @Test
    void restoringGoesOnFromWhereItWas() {
        Seeds.forEach(20, seed -> {
            Random random = new Random(seed);
            MemoryImageFile file = new MemoryImageFile();
            file.setLength(20 << 20);
            byte[] data = new byte[20 << 20];
            random.nextBytes(data);
            file.write(0, ByteBuffer.wrap(data, 0, data.length - random.nextInt(4096)));
            CheckpointDescription put =
                    store().put(TestCheckpoints.describe(file, 1 + seed), file, (next, bytes) -> {});
            MemoryImageFile restored = new MemoryImageFile();
            long[] reached = new long[1];
            int killedAt = random.nextInt(3);
            int[] steps = new int[1];
            try {
                restore(put, restored, 0, killedAt, steps, reached);
            } catch (Killed e) {
                restore(put, restored, reached[0], Integer.MAX_VALUE, steps, reached);
            }
            assertThat(restored.firstDifference(file)).isEmpty();
            store().delete(TestCheckpoints.IMAGE, put.sequence());
        });
    }

    private void restore(
            CheckpointDescription put, ImageFile target, long from, int killedAt, int[] steps, long[] reached)
            throws IOException {
        store().restore(put, target, from, (next, bytes) -> {
            if (steps[0]++ == killedAt) {
                throw new Killed();
            }
            reached[0] = next;
        });
    }

    @Test
    void whatWasDeletedLeavesNothing() throws IOException {
        MemoryImageFile file = TestCheckpoints.file(new Random(4), 30);
        store().put(TestCheckpoints.describe(file, 5), file, (next, bytes) -> {});
        store().put(TestCheckpoints.describe(file, 7), file, (next, bytes) -> {});
        store().put(TestCheckpoints.describe(OTHER, file, 7), file, (next, bytes) -> {});
        store().delete(TestCheckpoints.IMAGE, new Sequence(5));
        store().delete(TestCheckpoints.IMAGE, new Sequence(5));
        assertThat(store().list(TestCheckpoints.IMAGE)).containsExactly(new Sequence(7));
        store().deleteAll(TestCheckpoints.IMAGE);
        store().deleteAll(TestCheckpoints.IMAGE);
        assertThat(store().list(TestCheckpoints.IMAGE)).isEmpty();
        assertThat(store().images()).containsExactly(OTHER);
        store().deleteAll(OTHER);
        assertThat(pieces()).isZero();
    }
}
