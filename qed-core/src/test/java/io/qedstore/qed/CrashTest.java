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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The program dies between any two changes of a file, or half way through one. What was done before is all there, the
 * request that was under way is old or new by sectors, and the image opens and goes on.
 *
 * <p>Turns red when an entry is set before its cluster was filled, or an L1 entry before its table.
 */
class CrashTest {
    private static final int SEQUENCES = 400;
    private static final int OPERATIONS = 16;
    private static final int CRASHES = 5;

    @Test
    void aCrashBetweenAnyTwoChangesLeavesTheRequestOldOrNewAndAllElseIntact() {
        Seeds.forEach(SEQUENCES, CrashTest::run);
    }

    private static void run(long seed) throws IOException {
        Random random = new Random(seed);
        TestDisk disk = TestDisk.random(random);
        TestBacking backing = disk.newBacking(random);
        RecordedImage recorded = new RecordedImage(disk, backing);
        RandomOperations operations = new RandomOperations(random, disk, backing);
        List<Operation> performed = new ArrayList<>();
        List<Integer> changesAfter = new ArrayList<>();
        int created = recorded.changes().size();
        for (int i = 0; i < OPERATIONS; i++) {
            Operation operation = operations.next(recorded.image().sizeBytes());
            recorded.perform(operation);
            performed.add(operation);
            changesAfter.add(recorded.changes().size());
        }
        for (int i = 0; i < CRASHES; i++) {
            int whole = created + random.nextInt(recorded.changes().size() - created + 1);
            MemoryImageFile file = HalfApplied.file(recorded.changes(), whole, random);
            DiskModel before = new DiskModel(disk, backing);
            int done = 0;
            while (done < performed.size() && changesAfter.get(done) <= whole) {
                before.apply(performed.get(done++));
            }
            DiskModel after = before.copy();
            if (done < performed.size()) {
                after.apply(performed.get(done));
            }
            reopen(file, disk, backing, List.of(before, after), operations);
        }
    }

    private static void reopen(
            MemoryImageFile file,
            TestDisk disk,
            TestBacking backing,
            List<DiskModel> versions,
            RandomOperations operations)
            throws IOException {
        PlainImage image = disk.open(file, backing);
        DiskModel.assertEachSectorIsOf(versions, image);
        assertThat(ImageCheck.of(file).corruptions()).isZero();
        DiskModel model = versions.get(0).copy();
        model.adopt(image);
        for (int i = 0; i < 3; i++) {
            Operation operation = operations.next(model.sizeBytes());
            if (operation instanceof Operation.Ranged) {
                operation.performOn(image);
                model.apply(operation);
            }
        }
        model.assertMatches(image);
        image.close();
        assertThat(ImageCheck.of(file).corruptions()).isZero();
    }
}
