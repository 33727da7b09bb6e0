package io.qedstore.qed.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One writer or many readers; whoever only looks is never in the way. */
class ImageLockTest {
    private final Path path;

    ImageLockTest(@TempDir Path folder) {
        path = folder.resolve("a.qed");
    }

    @BeforeEach
    void createTheFile() throws IOException {
        Files.createFile(path);
    }

    private void assertRefused(FileAccess access, String lock) {
        assertThatThrownBy(() -> ChannelImageFile.open(path, access).close())
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("Failed to get " + lock + " lock")
                .hasMessageContaining("has the image open");
    }

    private void assertFree(FileAccess access) throws IOException {
        ChannelImageFile.open(path, access).close();
    }

    @Test
    void aWriterKeepsReadersAndWritersOut() throws IOException {
        try (ChannelImageFile writer = ChannelImageFile.open(path, FileAccess.WRITE)) {
            assertThat(writer.length()).isZero();
            assertRefused(FileAccess.WRITE, "\"write\"");
            assertRefused(FileAccess.READ, "shared \"write\"");
            assertFree(FileAccess.PEEK);
        }
        assertFree(FileAccess.WRITE);
    }

    @Test
    void readersShareAndKeepWritersOut() throws IOException {
        try (ChannelImageFile reader = ChannelImageFile.open(path, FileAccess.READ)) {
            assertThat(reader.length()).isZero();
            assertFree(FileAccess.READ);
            assertRefused(FileAccess.WRITE, "\"write\"");
        }
        assertFree(FileAccess.WRITE);
    }

    @Test
    void whoeverLooksKeepsNobodyOut() throws IOException {
        try (ChannelImageFile looker = ChannelImageFile.open(path, FileAccess.PEEK)) {
            assertThat(looker.length()).isZero();
            assertFree(FileAccess.WRITE);
        }
    }

    @Test
    void aCopyKeepsItsHoles() throws IOException {
        try (ChannelImageFile source = ChannelImageFile.open(path, FileAccess.WRITE);
                ChannelImageFile target = ChannelImageFile.createOrOpen(path.resolveSibling("b"))) {
            source.write(8 << 20, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            source.setLength(64 << 20);
            target.write(0, ByteBuffer.wrap(new byte[] {9}));
            SparseCopy.copy(source, target);
            assertThat(Files.mismatch(path, path.resolveSibling("b"))).isEqualTo(-1);
            assertThat(target.allocatedBytes()).isLessThan(1 << 20);
        }
    }
}
