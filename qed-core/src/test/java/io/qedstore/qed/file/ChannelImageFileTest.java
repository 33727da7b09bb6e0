package io.qedstore.qed.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files on disk: growth, holes, and how they close. */
class ChannelImageFileTest {
    private static final int MIB = 1 << 20;

    private final Path path;

    ChannelImageFileTest(@TempDir Path folder) {
        path = folder.resolve("file");
    }

    @Test
    void zeroedSpaceIsGivenBack() throws IOException {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(0, filled(4 * MIB));
            file.sync();
            long before = file.allocatedBytes();
            file.zero(MIB, 2 * MIB);
            assertThat(before - file.allocatedBytes()).isEqualTo(2 * MIB);
            assertThat(file.length()).isEqualTo(4 * MIB);
            assertThat(read(file, MIB, 2 * MIB)).isEqualTo(ByteBuffer.allocate(2 * MIB));
            assertThat(file.nextHole(0)).isEqualTo(MIB);
            assertThat(file.nextData(MIB)).isEqualTo(3 * MIB);
            assertThat(file.nextHole(3 * MIB)).isEqualTo(4 * MIB);
            assertThat(file.nextData(4 * MIB)).isEqualTo(4 * MIB);
        }
    }

    @Test
    void bytesThatWereJustWrittenAreReadWithoutWaiting() throws IOException {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(0, filled(MIB));
            ByteBuffer target = ByteBuffer.allocateDirect(5000);
            target.position(7);
            assertThat(file.readIfCached(4000, target)).isTrue();
            assertThat(target.hasRemaining()).isFalse();
            assertThat(target.position(7)).isEqualTo(filled(5000 - 7));
        }
    }

    @Test
    void whatIsNotKnownToBeInMemoryIsLeftToOthers() throws IOException {
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(0, filled(MIB));
            assertThat(file.readIfCached(0, ByteBuffer.allocate(10)))
                    .as("a buffer on the heap")
                    .isFalse();
            assertThat(file.readIfCached(MIB - 5, ByteBuffer.allocateDirect(10)))
                    .as("past the end of the file")
                    .isFalse();
            assertThat(file.isCached(MIB - 4096, 8192)).as("past the end").isFalse();
            file.prefetch(0, MIB);
            assertThat(file.sendableFile()).isPresent();
        }
    }

    @Test
    void aRangeThatWasDroppedFromMemoryIsNotThere() throws IOException, InterruptedException {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(0, filled(4 * MIB));
            file.sync();
            assumeTrue(file.isCached(0, 4 * MIB), "a kernel that knows what is cached (6.5)");
            Process drop = new ProcessBuilder(
                            "dd", "of=" + path, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none")
                    .start();
            assumeTrue(drop.waitFor() == 0);
            assertThat(file.isCached(0, 4 * MIB)).isFalse();
            assertThat(read(file, 3 * MIB, 4096)).isEqualTo(filled(4096));
            assertThat(file.readIfCached(3 * MIB, ByteBuffer.allocateDirect(4096)))
                    .isTrue();
        }
    }

    @Test
    void zeroingReachesExactlyFromItsFirstToItsLastByte() throws IOException {
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(0, filled(65536));
            file.zero(100, 10);
            file.zero(5000, 20000);
            byte[] expected = new byte[65536];
            Arrays.fill(expected, (byte) 7);
            Arrays.fill(expected, 100, 110, (byte) 0);
            Arrays.fill(expected, 5000, 25000, (byte) 0);
            assertThat(read(file, 0, 65536)).isEqualTo(ByteBuffer.wrap(expected));
        }
    }

    @Test
    void zeroingBeyondTheEndMakesTheFileLonger() throws IOException {
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(0, filled(10));
            file.zero(5, MIB);
            assertThat(file.length()).isEqualTo(MIB + 5);
            assertThat(Files.size(path)).isEqualTo(MIB + 5);
            assertThat(read(file, 0, 6)).isEqualTo(ByteBuffer.wrap(new byte[] {7, 7, 7, 7, 7, 0}));
            file.zero(2L * MIB, 0);
            assertThat(file.length()).isEqualTo(2 * MIB);
        }
    }

    @Test
    void aWriteBeyondTheEndLeavesZerosBetween() throws IOException {
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(MIB, filled(10));
            assertThat(file.length()).isEqualTo(MIB + 10);
            assertThat(read(file, 0, MIB)).isEqualTo(ByteBuffer.allocate(MIB));
        }
    }

    @Test
    void whatLiesBehindTheEndReadsAsZeros() throws IOException {
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(0, filled(3));
            assertThat(read(file, 1, 3)).isEqualTo(ByteBuffer.wrap(new byte[] {7, 7, 0}));
            assertThat(read(file, Long.MAX_VALUE / 2, 16)).isEqualTo(ByteBuffer.allocate(16));
        }
    }

    @Test
    void theLengthCanBeSetBothWays() throws IOException {
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(0, filled(100));
            file.setLength(50);
            file.setLength(100);
            assertThat(read(file, 49, 2)).isEqualTo(ByteBuffer.wrap(new byte[] {7, 0}));
            assertThat(Files.size(path)).isEqualTo(100);
        }
    }

    @Test
    void closingTwiceClosesNoOtherFile() throws IOException {
        ChannelImageFile file = ChannelImageFile.createOrOpen(path);
        file.close();
        try (ChannelImageFile other = ChannelImageFile.open(path, FileAccess.WRITE)) {
            file.close();
            other.write(0, filled(3));
            assertThat(other.nextData(0)).isZero();
            assertThat(other.nextHole(0)).isEqualTo(3);
        }
    }

    @Test
    void aFileStaysTheSameWhenItsNameIsTakenByAnother() throws IOException {
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            file.write(0, filled(8192));
            Files.move(path, path.resolveSibling("moved"));
            Files.write(path, new byte[1]);
            file.zero(0, 4096);
            file.setLength(8191);
            assertThat(Files.size(path)).isEqualTo(1);
            assertThat(Files.size(path.resolveSibling("moved"))).isEqualTo(8191);
        }
    }

    @Test
    void aMissingFileIsToldByItsName() {
        assertThatThrownBy(() -> ChannelImageFile.open(path, FileAccess.READ))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(path + ": No such file or directory");
    }

    @Test
    void aFileThatWasOpenedToReadCannotBeWritten() throws IOException {
        Files.write(path, new byte[10]);
        try (ChannelImageFile file = ChannelImageFile.open(path, FileAccess.READ)) {
            assertThatThrownBy(() -> file.write(0, filled(1))).isInstanceOf(Exception.class);
            assertThatThrownBy(() -> file.setLength(1)).isInstanceOf(IOException.class);
        }
    }

    private static ByteBuffer read(ChannelImageFile file, long fileOffset, int bytes) throws IOException {
        ByteBuffer found = filled(bytes);
        file.read(fileOffset, found);
        return found.flip();
    }

    private static ByteBuffer filled(int bytes) {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) 7);
        return ByteBuffer.wrap(content);
    }
}
