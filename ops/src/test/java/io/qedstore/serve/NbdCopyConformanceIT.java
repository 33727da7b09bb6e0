package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** nbdcopy brings disks into a served file and out of it again, on several connections, and holes stay holes. */
class NbdCopyConformanceIT {
    private static final int SIZE_BYTES = 64 << 20;
    private static final int DATA_BYTES = 6 << 20;

    private final Path folder;
    private final ForeignPrograms programs;

    NbdCopyConformanceIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.programs = ForeignPrograms.in(folder, "qemu-img", "nbdcopy");
    }

    /** A sparse file with data in front, in the middle and at the very end. */
    private Path source() throws IOException {
        Path file = folder.resolve("source.raw");
        byte[] data = new byte[DATA_BYTES / 3];
        Random random = new Random(7);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (int start : new int[] {0, 20 << 20, SIZE_BYTES - data.length}) {
                random.nextBytes(data);
                bytes.seek(start);
                bytes.write(data);
            }
        }
        return file;
    }

    @ParameterizedTest
    @EnumSource(Listener.class)
    void copiesInAndOut(Listener listener) throws IOException, InterruptedException {
        Path source = source();
        Path file = programs.image("a.qed", "cluster_size=64k", "64M");
        Path copy = folder.resolve("copy.raw");
        try (ServedFile server = ServedFile.start(folder, listener.option(folder), file)) {
            programs.succeed("nbdcopy", "--connections=4", "--requests=64", "--flush", source, server.uri());
            programs.succeed("nbdcopy", "--connections=4", "--requests=16", server.uri(), copy);
            assertThat(server.stop().exitCode()).isZero();
        }
        assertThat(Files.mismatch(source, copy)).isEqualTo(-1);
        assertThat(heldBytes(copy)).as("the copy is sparse").isLessThan(2 * DATA_BYTES);
        assertThat(Files.size(file)).as("holes take no clusters").isLessThan(2 * DATA_BYTES);
        programs.succeed("qemu-img", "check", file);
        programs.succeed("qemu-img", "compare", "-f", "qed", "-F", "raw", file, source);
    }

    @ParameterizedTest
    @EnumSource(Listener.class)
    void copiesFromServerToServer(Listener listener) throws IOException, InterruptedException {
        Path from = folder.resolve("from.qed");
        programs.succeed("qemu-img", "convert", "-O", "qed", source(), from);
        Path to = programs.image("to.qed", "cluster_size=4k", "64M");
        Path other = Files.createDirectory(folder.resolve("other"));
        try (ServedFile reading = ServedFile.start(folder, listener.option(folder), "--read-only", from);
                ServedFile writing = ServedFile.start(folder, listener.option(other), to)) {
            programs.succeed("nbdcopy", "--synchronous", reading.uri(), writing.uri());
            programs.succeed("nbdcopy", "--destination-is-zero", "--flush", reading.uri(), writing.uri());
        }
        assertThat(Files.size(to)).as("holes take no clusters").isLessThan(2 * DATA_BYTES);
        programs.succeed("qemu-img", "check", to);
        programs.succeed("qemu-img", "compare", "-f", "qed", "-F", "qed", from, to);
    }

    private long heldBytes(Path file) throws IOException, InterruptedException {
        return 512 * Long.parseLong(programs.succeed("stat", "-c", "%b", file).trim());
    }
}
