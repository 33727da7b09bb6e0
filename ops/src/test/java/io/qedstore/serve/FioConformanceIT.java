package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** fio writes on several connections with many requests under way, and finds every block as it wrote it. */
@Tag("once") // on one JDK
class FioConformanceIT {
    private static final long WRITTEN_BYTES = 4 * (16L << 20) + (64L << 20);

    private final Path folder;
    private final ForeignPrograms programs;

    FioConformanceIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.programs = ForeignPrograms.in(folder, "qemu-img", "fio");
    }

    @ParameterizedTest
    @CsvSource({"TCP, 64k, writeback", "UNIX, 64k, writethrough", "UNIX, 1M, writeback"})
    void findsEveryBlockAgain(Listener listener, String clusterSize, String cache)
            throws IOException, InterruptedException {
        Path file = programs.image("a.qed", "cluster_size=" + clusterSize, "128M");
        try (ServedFile server = ServedFile.start(folder, listener.option(folder), "--cache=" + cache, file)) {
            Path jobs = Files.writeString(folder.resolve("jobs.fio"), """
                    [global]
                    ioengine=nbd
                    uri=%s
                    iodepth=32
                    verify=crc32c
                    verify_fatal=1
                    verify_dump=0
                    randseed=4711

                    [mixed]
                    rw=randwrite
                    bsrange=512-128k
                    blockalign=512
                    fsync=64
                    size=16m
                    numjobs=4
                    offset_increment=16m

                    [long]
                    rw=write
                    bs=1m
                    offset=64m
                    size=64m
                    """.formatted(server.uri()));
            Path report = folder.resolve("report.json");
            programs.succeed("fio", "--output-format=json", "--output=" + report, jobs);
            JsonNode found = new ObjectMapper().readTree(report.toFile()).get("jobs");
            assertThat(sum(found, "write")).isEqualTo(WRITTEN_BYTES);
            assertThat(sum(found, "read")).as("what was verified").isEqualTo(WRITTEN_BYTES);
            assertThat(found).allMatch(job -> job.get("error").asInt() == 0);
            assertThat(server.stop().exitCode()).isZero();
        }
        programs.succeed("qemu-img", "check", "-f", "qed", file);
    }

    private static long sum(JsonNode jobs, String direction) {
        long bytes = 0;
        for (JsonNode job : jobs) {
            bytes += job.get(direction).get("io_bytes").asLong();
        }
        return bytes;
    }
}
