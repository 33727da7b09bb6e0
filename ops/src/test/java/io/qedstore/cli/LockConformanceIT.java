package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.PlainImage;
import io.qedstore.qed.conformance.Qemu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image that one program writes is refused by the others, theirs and ours alike. */
class LockConformanceIT {
    private final Path folder;
    private final Path file;

    LockConformanceIT(@TempDir Path folder) {
        this.folder = folder;
        this.file = folder.resolve("a.qed");
    }

    @BeforeEach
    void createAnImage() throws IOException, InterruptedException {
        Qemu.in(folder);
        assertThat(Processes.run(folder, "qemu-img", "create", "-q", "-f", "qed", file, "1M")
                        .exitCode())
                .isZero();
    }

    @Test
    void qemuStaysAwayFromAnImageThatWeWrite() throws IOException, InterruptedException {
        try (PlainImage image = PlainImage.open(file)) {
            assertThat(image.sizeBytes()).isEqualTo(1 << 20);
            Program.Result writer = Processes.run(folder, "qemu-img", "resize", "-f", "qed", file, "2M");
            assertThat(writer.exitCode()).isEqualTo(1);
            assertThat(writer.err()).contains("Failed to get");
            assertThat(Processes.run(folder, "qemu-img", "check", file).exitCode())
                    .isEqualTo(1);
        }
        assertThat(Processes.run(folder, "qemu-img", "resize", "-q", "-f", "qed", file, "2M")
                        .exitCode())
                .isZero();
    }

    @Test
    void weStayAwayFromAnImageThatQemuWrites() throws IOException, InterruptedException {
        byte[] before = Files.readAllBytes(file);
        Process qemu = new ProcessBuilder("qemu-io", "-f", "qed", file.toString())
                .redirectOutput(ProcessBuilder.Redirect.PIPE)
                .start();
        try {
            qemu.getOutputStream().write("length\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            qemu.getOutputStream().flush();
            assertThat(qemu.getInputStream().read())
                    .as("qemu-io has opened the image")
                    .isNotNegative();
            for (List<Object> command : List.<List<Object>>of(
                    List.of("file", "resize", file, "2M"),
                    List.of("file", "check", "-r", "all", file),
                    List.of("file", "create", "-q", file, "2M"),
                    List.of("file", "convert", "-O", "raw", file, folder.resolve("b.raw")),
                    List.of("file", "map", file))) {
                Program.Result result = Program.run(command.toArray());
                assertThat(result.exitCode()).as(command.toString()).isEqualTo(1);
                assertThat(result.err())
                        .contains("Failed to get ", "\"write\" lock", "process " + qemu.pid() + " (qemu-io)");
            }
            assertThat(Program.run("file", "info", file).exitCode()).isZero();
        } finally {
            qemu.destroyForcibly().waitFor();
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(Program.run("file", "resize", file, "2M").exitCode()).isZero();
    }

    @Test
    void weStayAwayFromAnImageThatWeWrite() throws IOException {
        try (PlainImage image = PlainImage.open(file)) {
            assertThat(image.header().clusterSize()).isEqualTo(65536);
            assertThat(Program.run("file", "resize", file, "2M").err()).contains("Failed to get");
        }
        assertThat(Program.run("file", "resize", file, "2M").exitCode()).isZero();
    }
}
