package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our server tells the same about the blocks of a chain of files as qemu-nbd does. */
@Tag("once") // on one JDK
class BlockStatusAgreementConformanceIT {
    private final Path folder;
    private final ForeignPrograms programs;

    BlockStatusAgreementConformanceIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.programs = ForeignPrograms.in(folder, "qemu-img", "qemu-io", "qemu-nbd", "nbdinfo");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"empty", "written", "over-raw", "over-qed", "over-qed-over-raw", "over-shorter", "over-shortest"
            })
    void tellsWhatQemuTells(String disk) throws IOException, InterruptedException {
        Path file = disk(disk);
        try (ServedFile server = ServedFile.start(folder, Listener.UNIX.option(folder), "--read-only", file)) {
            for (String context : List.of("base:allocation", "qemu:allocation-depth")) {
                List<Object> map = List.of("nbdinfo", "--map=" + context);
                assertThat(programs.succeed(map.get(0), map.get(1), server.uri()))
                        .as(context)
                        .isEqualTo(programs.succeed(
                                map.get(0), map.get(1), "--", "[", "qemu-nbd", "-r", "-f", "qed", "-A", file, "]"));
            }
        }
    }

    private Path disk(String name) throws IOException, InterruptedException {
        return switch (name) {
            case "empty" -> programs.image("empty.qed", "cluster_size=64k", "3M");
            case "written" -> {
                Path file = programs.image("written.qed", "cluster_size=4k,table_size=2", "8M");
                write(file, "write 8k 4k", "write 0 20k", "write -z 24k 8k", "write 5M 9k", "write 4190208 8192");
                yield file;
            }
            case "over-raw" -> {
                programs.succeed("qemu-img", "create", "-q", "-f", "raw", "b.raw", "4M");
                programs.qemuIo("b.raw", "write 64k 200k", "write 3M 1M");
                Path file = overlay("over-raw", "b.raw", "raw", "4M");
                write(file, "write 128k 4k", "write -z 192k 64k", "write 2M 64k");
                yield file;
            }
            case "over-qed" -> {
                disk("written");
                Path file = overlay("over-qed", "written.qed", "qed", "8M");
                write(file, "write 16k 4k", "write -z 0 8k", "write 6M 64k");
                yield file;
            }
            case "over-qed-over-raw" -> {
                disk("over-raw");
                Path file = overlay("over-qed-over-raw", "over-raw.qed", "qed", "4M");
                write(file, "write 1M 64k", "write -z 2M 64k");
                yield file;
            }
            case "over-shorter" -> {
                disk("over-raw");
                Path file = overlay("over-shorter", "over-raw.qed", "qed", "6M");
                write(file, "write 5M 64k");
                yield file;
            }
            case "over-shortest" -> {
                disk("over-raw");
                overlay("longer", "over-raw.qed", "qed", "6M");
                Path file = overlay("over-shortest", "longer.qed", "qed", "8M");
                write(file, "write 7M 64k");
                yield file;
            }
            default -> throw new IllegalArgumentException(name);
        };
    }

    private Path overlay(String name, String backing, String format, String size)
            throws IOException, InterruptedException {
        programs.succeed("qemu-img", "create", "-q", "-f", "qed", "-b", backing, "-F", format, name + ".qed", size);
        return folder.resolve(name + ".qed");
    }

    private void write(Path file, String... commands) throws IOException, InterruptedException {
        for (String command : commands) {
            programs.succeed("qemu-io", "-f", "qed", "-c", command, file);
        }
    }
}
