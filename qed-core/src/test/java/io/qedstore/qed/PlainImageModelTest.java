package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.DiskModel;
import io.qedstore.qed.model.Operation;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.Seeds;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random sequences of operations read back like the model, and leave a clean image.
 *
 * <p>Turns red when the rest of a new cluster is filled from the wrong place, a run crosses the border of two L2 tables,
 * or a slice is evicted before its change is in the file.
 */
class PlainImageModelTest {
    private static final int SEQUENCES = 2000;
    private static final int OPERATIONS = 30;

    @Test
    void randomOperationsReadBackAsTheyWereWritten() {
        Seeds.forEach(SEQUENCES, PlainImageModelTest::run);
    }

    private static void run(long seed) throws IOException {
        Random random = new Random(seed);
        TestDisk disk = TestDisk.random(random);
        TestBacking backing = disk.newBacking(random);
        MemoryImageFile file = new MemoryImageFile();
        disk.createIn(file);
        DiskModel model = new DiskModel(disk, backing);
        RandomOperations operations = new RandomOperations(random, disk, backing);
        PlainImage image = disk.open(file, backing);
        for (int i = 0; i < OPERATIONS; i++) {
            Operation operation = operations.next(model.sizeBytes());
            if (operation instanceof Operation.Reopen) {
                image.close();
                image = disk.open(file, backing);
            } else {
                operation.performOn(image);
            }
            model.apply(operation);
            model.assertMatches(image);
            int from = random.nextInt(model.windowBytes());
            model.assertMatches(image, from, 1 + random.nextInt(model.windowBytes() - from));
        }
        model.assertKindsMatch(image);
        image.close();
        assertThat(ImageCheck.of(file).isClean()).isTrue();
    }
}
