package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.file.FaultyImageFile;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.file.PowerCutImageFile;
import io.qedstore.qed.model.DiskModel;
import io.qedstore.qed.model.Operation;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.Seeds;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The machine loses power, several times over, at rest and in the middle of a request. What was answered before the last
 * flush is all there, each later sector is one of those that it was meanwhile, and the image opens without corruption.
 *
 * <p>Turns red when NEED_CHECK is not synced before the first entry, an L2 table before its L1 entry, or data before its
 * entry where there is a backing file.
 */
class PowerCutTest {
    private static final int SEQUENCES = 600;
    private static final int CUTS = 4;

    @Test
    void aPowerCutKeepsWhatWasFlushedAndTearsTheRestByWholeSectors() {
        Seeds.forEach(SEQUENCES, PowerCutTest::run);
    }

    private static void run(long seed) throws IOException {
        Random random = new Random(seed);
        TestDisk disk = TestDisk.random(random);
        TestBacking backing = disk.newBacking(random);
        MemoryImageFile created = new MemoryImageFile();
        disk.createIn(created);
        RandomOperations operations = new RandomOperations(random, disk, backing);
        PowerCutImageFile file = new PowerCutImageFile(created);
        DiskModel model = new DiskModel(disk, backing);
        for (int cut = 0; cut < CUTS; cut++) {
            List<DiskModel> versions = use(file, disk, backing, model, operations, random);
            file = file.powerCut(random);
            PlainImage image = disk.open(file, backing);
            DiskModel.assertEachSectorIsOf(versions, image);
            assertThat(ImageCheck.of(file).corruptions()).isZero();
            model.adopt(image);
        }
    }

    /** @return what the disk may look like after a power cut: all its states since the last flush */
    private static List<DiskModel> use(
            PowerCutImageFile file,
            TestDisk disk,
            TestBacking backing,
            DiskModel model,
            RandomOperations operations,
            Random random)
            throws IOException {
        FaultyImageFile stopping = new FaultyImageFile(file);
        PlainImage image = disk.open(stopping, backing);
        List<DiskModel> versions = new ArrayList<>(List.of(model.copy()));
        int count = random.nextInt(10);
        for (int i = 0; i < count; i++) {
            Operation operation = operations.next(model.sizeBytes());
            if (operation instanceof Operation.Reopen) {
                image.close();
                image = disk.open(stopping, backing);
            } else {
                operation.performOn(image);
            }
            model.apply(operation);
            if (!(operation instanceof Operation.Ranged) && !(operation instanceof Operation.ClearNeedCheck)) {
                versions.clear();
            }
            versions.add(model.copy());
        }
        stopping.failAfter(random.nextInt(random.nextBoolean() ? 3 : 8), FaultyImageFile.Done.HALF);
        boolean drained = random.nextInt(4) == 0;
        interrupted(drained ? new Operation.ClearNeedCheck() : operations.next(model.sizeBytes()), image, model);
        versions.add(model.copy());
        return versions;
    }

    private static void interrupted(Operation operation, PlainImage image, DiskModel model) {
        model.apply(operation);
        try {
            if (operation instanceof Operation.Reopen) {
                image.close();
            } else {
                operation.performOn(image);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("injected");
        }
    }
}
