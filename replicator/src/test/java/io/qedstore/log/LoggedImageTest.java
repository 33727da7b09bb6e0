package io.qedstore.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.Sequence;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.fold.LogFollower;
import io.qedstore.qed.ImageCheck;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.DiskModel;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.Seeds;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What is written through a log is the same file at the one who writes and at those who follow.
 *
 * <p>Turns red when a change loses a field on its way through the log, an event is applied twice or not at all, or a follower
 * that joins late misses something.
 */
class LoggedImageTest {
    private static final int SEQUENCES = 2000;
    private static final int OPERATIONS = 12;

    @Test
    void threeFilesAreTheSameByteForByte() {
        Seeds.forEach(SEQUENCES, LoggedImageTest::run);
    }

    private static void run(long seed) throws IOException {
        Random random = new Random(seed);
        TestDisk disk = TestDisk.random(random);
        TestBacking backing = disk.newBacking(random);
        InMemoryEventLog log = new InMemoryEventLog();
        MemoryImageFile file = new MemoryImageFile();
        FoldState start = LoggedImage.start(log);
        Copy early = new Copy(log, start);
        DiskModel model = new DiskModel(disk, backing);
        RandomOperations operations = new RandomOperations(random, disk, backing);
        try (LoggedImage image = new LoggedImage(
                disk, backing, file, log, start, new InMemoryProgress(), Runnable::run, log::answerReads)) {
            for (int i = 0; i < OPERATIONS; i++) {
                var operation = operations.next(model.sizeBytes());
                image.perform(operation);
                model.apply(operation);
            }
            image.image().clearNeedCheck(image);
            FoldState end = image.state();
            Copy late = new Copy(log, start);
            early.follow(end);
            late.follow(end);
            for (Copy copy : new Copy[] {early, late}) {
                assertThat(copy.file.length()).isEqualTo(file.length());
                assertThat(copy.file.firstDifference(file)).isEmpty();
                assertThat(copy.follower.status().state().digest()).isEqualTo(end.digest());
            }
        }
        assertThat(ImageCheck.of(file).isClean()).isTrue();
    }

    /** A folder that follows. */
    private static final class Copy {
        final MemoryImageFile file = new MemoryImageFile();
        final LogFollower follower;
        private final InMemoryEventLog log;
        private long applied;

        Copy(InMemoryEventLog log, FoldState start) throws IOException {
            this.log = log;
            FoldedFile folded = new FoldedFile(
                    file, new InMemoryProgress(), start, start, 1 << 20, Runnable::run, new FoldedFile.Listener() {
                        @Override
                        public void applied(Sequence upTo) {
                            applied = upTo.value();
                        }

                        @Override
                        public void failed(IOException cause) {
                            throw new AssertionError(cause);
                        }
                    });
            this.follower = new LogFollower(log, new Fold(start), folded, new LogFollower.Listener() {
                @Override
                public void caughtUp(FoldState state) {}

                @Override
                public void failed(IOException cause) {
                    throw new AssertionError(cause);
                }
            });
            follower.resume();
        }

        void follow(FoldState end) {
            while (applied < end.sequence().value()) {
                log.answerReads();
            }
        }
    }
}
