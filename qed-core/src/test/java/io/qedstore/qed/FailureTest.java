package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.file.FaultyImageFile;
import io.qedstore.qed.file.FaultyImageFile.Done;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.DiskModel;
import io.qedstore.qed.model.Operation;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.Seeds;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Each write and each sync of a sequence of operations fails in turn. The operation says so; its range is old or new by
 * sectors from then on, also after reopening; all else is right, and nothing that is written later gets lost.
 *
 * <p>Turns red when tables in memory keep what could not be written.
 */
class FailureTest {
    private static final int SEQUENCES = 40;
    private static final int OPERATIONS = 10;

    @Test
    void afterAnyFailedWriteOrSyncTheImageIsWhatTheFileSays() {
        Seeds.forEach(SEQUENCES, seed -> {
            long calls = new Run(seed, Long.MAX_VALUE / 2, Done.NOTHING).calls();
            for (long failing = 0; failing < calls; failing++) {
                for (Done done : Done.values()) {
                    try {
                        assertThat(new Run(seed, failing, done).calls()).isGreaterThan(failing);
                    } catch (IOException | AssertionError e) {
                        throw new AssertionError("call " + failing + ", " + done + ": " + e.getMessage(), e);
                    }
                }
            }
        });
    }

    /** One run of a sequence with one failure. */
    private static final class Run {
        private final TestDisk disk;
        private final TestBacking backing;
        private final DiskModel model;
        private final FaultyImageFile file;
        private PlainImage image;
        private int failures;

        Run(long seed, long failingCall, Done done) throws IOException {
            Random random = new Random(seed);
            disk = TestDisk.random(random);
            backing = disk.newBacking(random);
            model = new DiskModel(disk, backing);
            MemoryImageFile memory = new MemoryImageFile();
            disk.createIn(memory);
            file = new FaultyImageFile(memory);
            file.failAfter(failingCall, done);
            image = disk.open(file, backing);
            RandomOperations operations = new RandomOperations(random, disk, backing);
            for (int i = 0; i < OPERATIONS; i++) {
                perform(operations.next(model.sizeBytes()));
            }
            model.assertMatches(image);
            reopen();
            model.assertMatches(image);
            close();
            assertThat(failures > 0).isEqualTo(file.calls() > failingCall);
            assertThat(ImageCheck.of(file).corruptions()).isZero();
        }

        long calls() {
            return file.calls();
        }

        private void perform(Operation operation) throws IOException {
            if (operation instanceof Operation.Reopen) {
                reopen();
                return;
            }
            DiskModel before = model.copy();
            model.apply(operation);
            try {
                operation.performOn(image);
            } catch (IOException e) {
                failures++;
                DiskModel.assertEachSectorIsOf(List.of(before, model), image);
                model.adopt(image);
            }
            model.assertMatches(image);
        }

        private void close() {
            try {
                image.close();
            } catch (IOException e) {
                failures++;
            }
        }

        private void reopen() throws IOException {
            close();
            try {
                image = disk.open(file, backing);
            } catch (IOException e) {
                failures++;
                image = disk.open(file, backing);
            }
        }
    }
}
