package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A file that is served for reading. */
@Tag("once") // on one JDK
class ReadOnlyConformanceIT extends SharedServer {
    @Override
    ForeignPrograms programs(Path folder) throws IOException, InterruptedException {
        return ForeignPrograms.in(folder, "qemu-img", "qemu-io", "nbdinfo", ForeignPrograms.LIBNBD);
    }

    @Override
    Path image() throws IOException, InterruptedException {
        Path file = programs.image("a.qed", "cluster_size=64k", "4M");
        programs.succeed("qemu-io", "-f", "qed", "-c", "write -P 1 1M 1M", file);
        return file;
    }

    @Override
    List<String> options() {
        return List.of("--read-only");
    }

    @Test
    void everyChangeIsRefusedAndReadingWorks() throws IOException, InterruptedException {
        byte[] before = Files.readAllBytes(programs.folder().resolve("a.qed"));
        programs.libnbd(server.uri(), """
                for h in connect(["base:allocation"]), connect(structured=False):
                    assert h.is_read_only() and h.can_multi_conn() and h.can_flush()
                    assert not h.can_trim() and not h.can_zero()
                    for at in 0, MIB, 4 * MIB, 5 * MIB:
                        assert_fails(errno.EPERM, h.pwrite, b'x' * 512, at)
                        assert_fails(errno.EPERM, h.zero, 512, at)
                        assert_fails(errno.EPERM, h.trim, 512, at)
                    assert_fails(errno.EPERM, h.pwrite, b'x' * (33 * MIB), 0)
                    h.flush()
                    h.cache(MIB, MIB)
                    assert h.pread(2 * MIB, 0) == bytes(MIB) + b'\\x01' * MIB
                """);
        assertThat(programs.folder().resolve("a.qed")).hasBinaryContent(before);
    }

    @Test
    void clientsAreToldThatItIs() throws IOException, InterruptedException {
        assertThat(programs.run("nbdinfo", "--is", "read-only", server.uri()).exitCode())
                .isZero();
        assertThat(programs.run("nbdinfo", "--can", "write", server.uri()).exitCode())
                .isEqualTo(2);
        assertThat(programs.run("qemu-io", "-f", "raw", "-c", "write 0 4k", server.uri())
                        .exitCode())
                .isEqualTo(1);
        assertThat(programs.succeed("qemu-io", "-r", "-f", "raw", "-c", "read -P 1 1M 1M", server.uri()))
                .contains("read 1048576/1048576 bytes");
    }

    @Test
    void othersMayServeAndReadTheFileAtTheSameTime() throws IOException, InterruptedException {
        Path file = programs.folder().resolve("a.qed");
        Path socket = programs.folder().resolve("second.sock");
        try (ServedFile second = ServedFile.start(programs.folder(), "-r", "-k", socket, file)) {
            for (ServedFile served : List.of(server, second)) {
                programs.succeed("qemu-img", "compare", "-f", "raw", "-F", "qed", served.uri(), file);
            }
            assertThat(second.stop().exitCode()).isZero();
        }
        programs.succeed("qemu-img", "compare", "-f", "raw", "-F", "qed", server.uri(), file);
    }
}
