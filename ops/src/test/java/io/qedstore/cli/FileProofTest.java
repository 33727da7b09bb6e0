package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.FileProof.Result;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.copy.FileComparison.Difference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns red when a file is taken for an image whose last byte differs, or whose size does. */
class FileProofTest {
    private static final int NEED_CHECK_OFFSET = 16; // of the header's features
    private static final int NEED_CHECK = 2;

    @TempDir
    Path folder = Path.of("");

    private Path image(String name) throws IOException {
        Path raw = folder.resolve("guest.raw");
        byte[] bytes = new byte[1 << 20];
        for (int i = 300_000; i < 400_000; i++) {
            bytes[i] = (byte) i;
        }
        Files.write(raw, bytes);
        Path image = folder.resolve(name);
        assertThat(Program.run("file", "convert", "-f", "raw", "-O", "qed", raw, image)
                        .exitCode())
                .isZero();
        return image;
    }

    private Path copy(Path of, String name) throws IOException {
        return Files.copy(of, folder.resolve(name));
    }

    private static void xor(Path file, long fileOffset, int bits) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, fileOffset);
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ bits)}), fileOffset);
        }
    }

    /** Where a cluster of what the guest has written lies. */
    private static long dataOffset(Path image) throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        for (int at = 0; at < bytes.length; at += 65536) {
            if (bytes[at + 1] == 1 && bytes[at + 2] == 2 && bytes[at + 255] == -1) {
                return at + 2L;
            }
        }
        throw new AssertionError("nothing of it is in " + image);
    }

    private static FileProof proof(Path file, Path made) throws IOException {
        return FileProof.of(file, ImageFormat.PROBE, made, (done, total) -> {});
    }

    @Test
    void theSameBytesAreIdentical() throws IOException {
        Path made = image("made.qed");
        FileProof proof = proof(copy(made, "file.qed"), made);
        assertThat(proof.result()).isEqualTo(Result.IDENTICAL);
        assertThat(proof.said(Path.of("x"), "image 'vm1' at sequence 3"))
                .isEqualTo("'x' is image 'vm1' at sequence 3, byte for byte");
    }

    @Test
    void anExportNeedsNoCheckAndNothingElseIsDifferent() throws IOException {
        Path made = image("made.qed");
        Path export = copy(made, "export.qed");
        xor(made, NEED_CHECK_OFFSET, NEED_CHECK);
        assertThat(proof(export, made).result()).isEqualTo(Result.EXPORTED);
        xor(made, NEED_CHECK_OFFSET, NEED_CHECK);
        xor(export, dataOffset(export), 1);
        assertThat(proof(export, made).result()).isEqualTo(Result.DIFFERENT);
        // the other way round it is no export
        Path marked = copy(image("again.qed"), "marked.qed");
        xor(marked, NEED_CHECK_OFFSET, NEED_CHECK);
        assertThat(proof(marked, image("other.qed")).result()).isEqualTo(Result.SAME_CONTENT);
    }

    @Test
    void anotherFileMayHaveTheSameContent() throws IOException {
        Path made = image("made.qed");
        Path raw = folder.resolve("flat.raw");
        assertThat(Program.run("file", "convert", "-O", "raw", made, raw).exitCode())
                .isZero();
        assertThat(proof(raw, made).result()).isEqualTo(Result.SAME_CONTENT);
        Path small = folder.resolve("small.qed");
        assertThat(Program.run("file", "convert", "-O", "qed", "-o", "cluster_size=4096", made, small)
                        .exitCode())
                .isZero();
        assertThat(proof(small, made).result()).isEqualTo(Result.SAME_CONTENT);
    }

    @Test
    void aDifferenceSaysWhereAndHowMuch() throws IOException {
        Path made = image("made.qed");
        Path raw = folder.resolve("flat.raw");
        assertThat(Program.run("file", "convert", "-O", "raw", made, raw).exitCode())
                .isZero();
        xor(raw, 350_000, 1);
        xor(raw, 600_000, 1);
        FileProof proof = proof(raw, made);
        assertThat(proof.result()).isEqualTo(Result.DIFFERENT);
        assertThat(proof.guest()).hasValue(new Difference(350_000, 2));
        assertThat(proof.said(raw, "image 'vm1'")).contains("2 blocks of 4 KiB differ, first at 350000 (guest offset)");
    }

    @Test
    void anotherSizeIsADifferenceEvenIfAllOfItIsZeros() throws IOException {
        Path made = image("made.qed");
        Path raw = folder.resolve("flat.raw");
        assertThat(Program.run("file", "convert", "-O", "raw", made, raw).exitCode())
                .isZero();
        assertThat(Program.run("file", "resize", made, "2M").exitCode()).isZero();
        FileProof proof = proof(raw, made);
        assertThat(proof.result()).isEqualTo(Result.DIFFERENT);
        assertThat(proof.guest()).hasValue(new Difference(1 << 20, 256));
    }

    @Test
    void aFileThatIsNoDiskIsSaidToBeNone() throws IOException {
        Path made = image("made.qed");
        Path broken = copy(made, "broken.qed");
        xor(broken, 4, 0xff); // the cluster size
        FileProof proof = proof(broken, made);
        assertThat(proof.result()).isEqualTo(Result.DIFFERENT);
        assertThat(proof.said(broken, "image 'vm1'")).contains("cannot be read as a disk", "first at 4 (offset)");
    }
}
