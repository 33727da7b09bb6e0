package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** qemu-io writes to the URI of a served file and finds again what it wrote. Each test has its own part of the disk. */
@Tag("once") // on one JDK
class QemuIoOverNbdConformanceIT extends SharedServer {

    @Override
    ForeignPrograms programs(Path folder) throws IOException, InterruptedException {
        return ForeignPrograms.in(folder, "qemu-img", "qemu-io");
    }

    @Override
    Path image() throws IOException, InterruptedException {
        programs.succeed("qemu-img", "create", "-q", "-f", "raw", "b.raw", "64M");
        programs.qemuIo("b.raw", "write -P 0xbb 0 64M");
        return programs.image("a.qed", "cluster_size=16k,backing_file=b.raw,backing_fmt=raw", "64M");
    }

    private void io(String... commands) throws IOException, InterruptedException {
        assertThat(programs.qemuIo(server.uri(), commands)).doesNotContain("failed");
    }

    @Test
    void patternsAreFoundAgainInALaterConnection() throws IOException, InterruptedException {
        io("write -P 1 0 4k", "write -P 2 6k 20k", "write -P 3 512k 1M", "read -P 1 0 4k");
        io("read -P 1 0 4k", "read -P 0xbb 4k 2k", "read -P 2 6k 20k", "read -P 0xbb 26k 486k", "read -P 3 512k 1M");
    }

    @Test
    void writesMayBeginAndEndAnywhere() throws IOException, InterruptedException {
        io("write -P 1 2097153 1", "write -P 2 2101247 2", "write -P 3 2105000 8191");
        io(
                "read -P 0xbb 2M 1",
                "read -P 1 2097153 1",
                "read -P 0xbb 2097154 4093",
                "read -P 2 2101247 2",
                "read -P 0xbb 2101249 3751",
                "read -P 3 2105000 8191",
                "read -P 0xbb 2113191 1000");
    }

    @Test
    void zeroesHideWhatIsBehindThem() throws IOException, InterruptedException {
        io(
                "write -P 1 4M 1M",
                "write -z 4100k 64k",
                "write -z -u 4300k 64k",
                "write -z 5000001 99",
                "write -z -u 6M 1M");
        io(
                "read -P 1 4M 4k",
                "read -P 0 4100k 64k",
                "read -P 0 4300k 64k",
                "read -P 0 5000001 99",
                "read -P 1 5000100 1000",
                "read -P 0 6M 1M",
                "read -P 0xbb 7M 1M");
    }

    @Test
    void whatIsDiscardedReadsAsZeros() throws IOException, InterruptedException {
        io("write -P 1 8M 1M", "discard 8200k 128k", "discard 9M 1M");
        io("read -P 1 8M 8k", "read -P 0 8200k 128k", "read -P 1 8328k 100k", "read -P 0 9M 1M", "read -P 0xbb 10M 1M");
    }

    @Test
    void writesMayBeForcedToTheDisk() throws IOException, InterruptedException {
        io("write -f -P 1 12M 64k", "write -f -P 2 12640001 3", "write -f -z 12700000 5000", "write -f -z -u 13M 64k");
        io("read -P 1 12M 50k", "read -P 2 12640001 3", "read -P 0 12700000 5000", "read -P 0 13M 64k");
    }

    @Test
    void vectorsAreReadAndWrittenWhole() throws IOException, InterruptedException {
        io("writev -P 1 16M 512 4k 3 64k 1M", "readv -P 1 16M 1M 64k 3 4k 512", "read -P 0xbb 17900000 1000");
    }

    @Test
    void manyRequestsAreUnderWayAtATime() throws IOException, InterruptedException {
        String[] commands = new String[130];
        for (int i = 0; i < 64; i++) {
            commands[i] = "aio_write -q -P " + (i + 1) + " " + (20480 + 33 * i) + "k 33k";
            commands[65 + i] = "aio_read -q -P " + (i + 1) + " " + (20480 + 33 * i) + "k 33k";
        }
        commands[64] = "aio_flush";
        commands[129] = "aio_flush";
        io(commands);
    }

    @Test
    void oneRequestMayBeAsLongAsTheProtocolAllows() throws IOException, InterruptedException {
        io("write -P 5 28M 32M", "flush", "read -P 5 28M 32M", "read -P 0xbb 60M 64k");
    }

    @Test
    void aWrongPatternIsNoticed() throws IOException, InterruptedException {
        List<Object> command = List.of("qemu-io", "-f", "raw", "-c", "read -P 1 62M 64k", server.uri());
        Program.Result result = programs.run(command.toArray());
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains("Pattern verification failed");
    }
}
