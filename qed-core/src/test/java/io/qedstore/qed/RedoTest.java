package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.Seeds;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Changes need nothing but the file: applied to an empty one they give the image, and applied again from any earlier
 * one they give the same bytes and length.
 *
 * <p>Turns red when a change depends on what the file holds or on its length, or moves a buffer's position.
 */
class RedoTest {
    private static final int SEQUENCES = 300;
    private static final int OPERATIONS = 20;

    @Test
    void changesGiveTheSameFileAppliedOnceOrAgainFromAnyEarlierOne() {
        Set<Class<?>> kinds = new HashSet<>();
        Seeds.forEach(SEQUENCES, seed -> {
            RecordedImage recorded = record(seed);
            recorded.changes().forEach(change -> kinds.add(change.getClass()));
            redo(recorded, new Random(seed));
        });
        assertThat(kinds).containsExactlyInAnyOrder(QedChange.class.getPermittedSubclasses());
    }

    private static RecordedImage record(long seed) throws IOException {
        Random random = new Random(seed);
        TestDisk disk = TestDisk.random(random);
        TestBacking backing = disk.newBacking(random);
        RecordedImage recorded = new RecordedImage(disk, backing);
        RandomOperations operations = new RandomOperations(random, disk, backing);
        for (int i = 0; i < OPERATIONS; i++) {
            recorded.perform(operations.next(recorded.image().sizeBytes()));
            if (random.nextInt(OPERATIONS) == 0) {
                byte[] name = "n".repeat(random.nextInt(100)).getBytes(StandardCharsets.UTF_8);
                recorded.image().changeBackingFile(name, random.nextBoolean(), recorded);
            }
        }
        return recorded;
    }

    private static void redo(RecordedImage recorded, Random random) throws IOException {
        List<QedChange> changes = recorded.changes();
        MemoryImageFile replica = new MemoryImageFile();
        HalfApplied.applyAll(changes, replica);
        assertSame(replica, recorded.file());
        for (int i = 0; i < 5; i++) {
            MemoryImageFile ahead = replica.copy();
            HalfApplied.applyAll(changes.subList(random.nextInt(changes.size()), changes.size()), ahead);
            assertSame(ahead, recorded.file());

            int whole = random.nextInt(changes.size());
            MemoryImageFile crashed = HalfApplied.file(changes, whole, random);
            HalfApplied.applyAll(changes.subList(random.nextInt(whole + 1), changes.size()), crashed);
            assertSame(crashed, recorded.file());
        }
    }

    private static void assertSame(MemoryImageFile file, MemoryImageFile expected) {
        assertThat(file.length()).isEqualTo(expected.length());
        assertThat(file.firstDifference(expected)).isEmpty();
    }
}
