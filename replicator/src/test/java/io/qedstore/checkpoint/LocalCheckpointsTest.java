package io.qedstore.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCheckpointsTest extends CheckpointStoreContract {
    @TempDir
    Path folder = Path.of("");

    private final MemoryImageFile file = TestCheckpoints.file(new Random(1), 40);

    @Override
    protected LocalCheckpoints store() {
        return new LocalCheckpoints(folder, new NodeId("node-1"));
    }

    @Override
    protected long pieces() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    private Path put(long sequence) throws IOException {
        CheckpointDescription put = store().put(TestCheckpoints.describe(file, sequence), file, (next, bytes) -> {});
        return folder.resolve(put.image().toString()).resolve(CheckpointNames.of(put.sequence()));
    }

    @Test
    void cleaningRemovesWhatIsHalfDoneAndWhatNobodyCanUseAndNothingElse() throws IOException {
        Path whole = put(3);
        Path cut = put(4);
        try (ChannelImageFile image = ChannelImageFile.createOrOpen(cut.resolve("image.qed"))) {
            image.setLength(4096);
        }
        Path damaged = put(5);
        byte[] description = Files.readAllBytes(damaged.resolve("description"));
        description[40] ^= 1;
        Files.write(damaged.resolve("description"), description);
        Path gone = put(6);
        Files.move(gone, gone.resolveSibling(gone.getFileName() + ".gone"));
        Path renamed = put(7);
        Files.move(renamed, renamed.resolveSibling(CheckpointNames.of(new Sequence(8))));
        Path draft = whole.resolveSibling("draft.part");
        Files.createDirectory(draft);
        Files.write(draft.resolve("image.qed"), new byte[9]);
        assertThat(store().clean()).isEqualTo(5);
        assertThat(store().list(TestCheckpoints.IMAGE)).containsExactly(new Sequence(3));
        assertThat(pieces()).isEqualTo(2);
        assertThat(store().clean()).isZero();
    }

    @Test
    void oneOfANewerVersionIsLeftForIt() throws IOException {
        Path newer = put(3).resolve("description");
        byte[] bytes = Files.readAllBytes(newer);
        bytes[7] = 2;
        Files.write(newer, bytes);
        assertThat(store().clean()).isZero();
        assertThatThrownBy(() -> store().describe(TestCheckpoints.IMAGE, new Sequence(3)))
                .isInstanceOf(CheckpointException.OtherVersion.class)
                .hasMessageContaining("version 2, expected 1");
    }

    @Test
    void foldersThatAreNoImagesAreLeftAlone() throws IOException {
        Files.createDirectory(folder.resolve("lost+found"));
        Files.createDirectory(folder.resolve("0-0-0-0-0"));
        put(3);
        assertThat(store().images()).containsExactly(TestCheckpoints.IMAGE);
        store().clean();
        assertThat(folder.resolve("lost+found")).exists();
        assertThat(folder.resolve("0-0-0-0-0")).exists();
    }

    @Test
    void holesStayHoles() throws IOException {
        MemoryImageFile sparse = new MemoryImageFile();
        sparse.setLength(1 << 30);
        sparse.write(512 << 20, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        CheckpointDescription put = store().put(TestCheckpoints.describe(sparse, 2), sparse, (next, bytes) -> {});
        assertThat(put.storedBytes()).isLessThan(4 << 20);
    }

    @Test
    void anEndlessDescriptionIsNotRead() throws IOException {
        Path description = put(3).resolve("description");
        try (ChannelImageFile endless = ChannelImageFile.createOrOpen(description)) {
            endless.setLength(1L << 40);
        }
        assertThatThrownBy(() -> store().describe(TestCheckpoints.IMAGE, new Sequence(3)))
                .isInstanceOf(CheckpointException.Damaged.class)
                .hasMessageContaining("expected at most");
    }
}
