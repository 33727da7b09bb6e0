package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.Sequence;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.fold.LogFollower;
import io.qedstore.log.EventLog;
import io.qedstore.log.LoggedImage;
import io.qedstore.qed.ImageCheck;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.model.Operation;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.Seeds;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are written through a real log, and two folders that follow: the same file three times. */
@Tag("kafka")
class ThreeFilesIT {
    private static final int SEQUENCES = 50;
    private static final int OPERATIONS = 20;
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final KafkaLogs logs = KafkaLogs.connect(Kafka.shared());
    private final ExecutorService workers = Executors.newFixedThreadPool(2);
    private final Path folder;

    ThreeFilesIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
    }

    @AfterEach
    void close() throws InterruptedException {
        logs.close();
        workers.shutdown();
        assertThat(workers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void haveTheSameDigest() {
        Seeds.forEach(SEQUENCES, this::run);
    }

    private void run(long seed) throws IOException, NoSuchAlgorithmException {
        Random random = new Random(seed);
        TestDisk disk = TestDisk.random(random);
        TestBacking backing = disk.newBacking(random);
        EventLog log = Kafka.newLog(logs);
        FoldState start = LoggedImage.start(log);
        Path written = folder.resolve(seed + "-written.qed");
        try (Copy early = new Copy(folder.resolve(seed + "-early.qed"), log, start);
                ChannelImageFile file = newFile(written);
                LoggedImage image = new LoggedImage(
                        disk, backing, file, log, start, new InMemoryProgress(), workers, Thread::onSpinWait)) {
            RandomOperations operations = new RandomOperations(random, disk, backing);
            for (int i = 0; i < OPERATIONS; i++) {
                Operation operation = operations.next(image.image().sizeBytes());
                image.perform(operation);
            }
            image.image().clearNeedCheck(image);
            FoldState end = image.state();
            try (Copy late = new Copy(folder.resolve(seed + "-late.qed"), log, start)) {
                early.await(end);
                late.await(end);
                assertThat(sha256(early.path)).isEqualTo(sha256(written));
                assertThat(sha256(late.path)).isEqualTo(sha256(written));
            }
            assertThat(ImageCheck.of(file).isClean()).isTrue();
        }
    }

    private static ChannelImageFile newFile(Path path) throws IOException {
        Files.createFile(path);
        return ChannelImageFile.open(path, FileAccess.WRITE);
    }

    private static String sha256(Path path) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path)));
    }

    /** A file that follows the log. */
    private final class Copy implements Closeable {
        final Path path;
        private final ChannelImageFile file;
        private final FoldedFile folded;
        private final LogFollower follower;
        private volatile @Nullable IOException failure;

        Copy(Path path, EventLog log, FoldState start) throws IOException {
            this.path = path;
            this.file = newFile(path);
            this.folded = new FoldedFile(
                    file, new InMemoryProgress(), start, start, 64 << 10, workers, new FoldedFile.Listener() {
                        @Override
                        public void applied(Sequence upTo) {}

                        @Override
                        public void failed(IOException cause) {
                            failure = cause;
                        }
                    });
            this.follower = new LogFollower(log, new Fold(start), folded, new LogFollower.Listener() {
                @Override
                public void caughtUp(FoldState state) {}

                @Override
                public void failed(IOException cause) {
                    failure = cause;
                }
            });
            follower.resume();
        }

        void await(FoldState end) throws IOException {
            long begun = System.nanoTime();
            while (folded.applied().sequence().compareTo(end.sequence()) < 0) {
                if (failure != null) {
                    throw new IOException("the copy " + path + " does not follow", failure);
                }
                assertThat(System.nanoTime() - begun)
                        .as("nanoseconds to follow")
                        .isLessThan(DEADLINE_NANOS);
                follower.tick();
                Thread.onSpinWait();
            }
            assertThat(folded.applied().digest()).isEqualTo(end.digest());
        }

        @Override
        public void close() throws IOException {
            follower.stop();
            file.close();
        }
    }
}
