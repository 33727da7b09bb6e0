package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CheckpointException;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns red when a copy is published that was not compared, or nothing is removed of one that is wrong. */
class CheckpointMakerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder = Path.of("");

    private int files;

    @Test
    void aCheckpointIsTheFileBehindItsEvent() {
        Seeds.forEach(50, seed -> {
            Random random = new Random(seed);
            HistoryLog log = new HistoryLog(random, 20);
            LocalCheckpoints store = store();
            long events = 1L + random.nextInt((int) log.last());
            try (ChannelImageFile file = file()) {
                CheckpointDescription made = make(store, follow(log, file, events), file, log);
                assertThat(made.sequence()).isEqualTo(new Sequence(events));
                MemoryImageFile restored = new MemoryImageFile();
                store.restore(made, restored, 0, (next, bytes) -> {});
                assertThat(restored.toBytes())
                        .isEqualTo(log.written.fileBehind(events).toBytes());
                assertThat(make(store, follow(log, file, events), file, log)).isEqualTo(made);
            }
        });
    }

    @Test
    void aFileThatSomethingElseHasChangedIsNoCheckpoint() {
        Seeds.forEach(50, seed -> {
            Random random = new Random(seed);
            HistoryLog log = new HistoryLog(random, 20);
            LocalCheckpoints store = store();
            try (ChannelImageFile file = file()) {
                FoldedFile followed = follow(log, file, log.last());
                ByteBuffer one = ByteBuffer.allocate(1);
                long at = random.nextLong(file.length());
                file.read(at, one);
                one.put(0, (byte) (one.get(0) ^ 1));
                file.write(at, one.clear());
                assertThatThrownBy(() -> make(store, followed, file, log))
                        .isInstanceOf(CheckpointException.NotVerified.class)
                        .hasMessageContaining("content digest");
            }
            assertThat(store.list(log.image.id())).isEmpty();
            try (Stream<Path> left = Files.walk(Path.of(store.place()))) {
                assertThat(left.filter(Files::isRegularFile)).isEmpty();
            }
        });
    }

    @Test
    void aFileWithNothingInItIsNoCheckpoint() throws IOException {
        HistoryLog log = new HistoryLog(new Random(1), 20);
        try (ChannelImageFile file = file()) {
            FoldedFile followed = follow(log, file, 0);
            assertThatThrownBy(() -> make(store(), followed, file, log))
                    .isInstanceOf(CheckpointException.NotVerified.class)
                    .hasMessageContaining("nothing yet");
        }
    }

    private ChannelImageFile file() throws IOException {
        return ChannelImageFile.createOrOpen(folder.resolve("image-" + files++ + ".qed"));
    }

    private LocalCheckpoints store() {
        return new LocalCheckpoints(folder.resolve("checkpoints-" + files++), new NodeId("node-1"));
    }

    private static CheckpointDescription make(
            LocalCheckpoints store, FoldedFile followed, ChannelImageFile file, HistoryLog log) throws IOException {
        return new CheckpointMaker(store, PATIENCE, bytes -> {})
                .make(followed, new BaseCopy.Source(file, Optional.of(file)), log, 1);
    }

    private static FoldedFile follow(HistoryLog log, ChannelImageFile file, long events) throws IOException {
        file.setLength(0);
        FoldState start = log.start();
        FoldedFile followed = new FoldedFile(
                file, new InMemoryProgress(), start, start, 1 << 20, Runnable::run, new FoldedFile.Listener() {
                    @Override
                    public void applied(Sequence upTo) {}

                    @Override
                    public void failed(IOException cause) {
                        throw new AssertionError(cause);
                    }
                });
        new LogWalk(log, start, PATIENCE).walk((event, after) -> {
            if (after.sequence().value() <= events) {
                followed.folded(event, after);
            }
            return after.sequence().value() < events;
        });
        return followed;
    }
}
