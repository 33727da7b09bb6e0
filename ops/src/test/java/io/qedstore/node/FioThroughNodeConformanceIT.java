package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * fio writes and trims on three images at once, with many requests under way, and finds every block as it wrote it; then the
 * replica's files are the owner's, and what is exported is what fio left. fio's NBD engine has no request for zeros; trimmed
 * clusters become zeros here.
 */
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the fields are set before the tests
@Tag("once") // on one JDK
class FioThroughNodeConformanceIT {
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final List<String> CLUSTER_SIZES = List.of("4k", "64k", "1M");
    private static final long MEBIBYTE = 1 << 20;
    private static final long MIXED_BYTES = 8 * MEBIBYTE;
    private static final long GONE_BYTES = 2 * MEBIBYTE;
    private static final long AGAIN_BYTES = MEBIBYTE;

    private static final String GLOBAL = """
            [global]
            ioengine=nbd
            iodepth=32
            verify=crc32c
            verify_fatal=1
            verify_dump=0
            randseed=4711
            """;

    /**
     * What {@code gone} trims was written before, and {@code again} writes half of it again.
     *
     * <p>All together stay under 4095 clusters of 4 KiB: from there on qemu-img reports a leak that is none.
     */
    private static final String IMAGE = """

            [mixed-@CLUSTER@]
            uri=@URI@
            rw=randwrite
            bsrange=512-64k
            blockalign=512
            fsync=64
            size=8m

            [gone-@CLUSTER@]
            uri=@URI@
            rw=randtrim
            bs=64k
            verify=0
            offset=16m
            size=2m

            [again-@CLUSTER@]
            wait_for=gone-@CLUSTER@
            uri=@URI@
            rw=randwrite
            bs=4k
            offset=16m
            size=1m
            """;

    private Path folder;
    private ForeignPrograms programs;
    private NodePair pair;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException, InterruptedException {
        folder = temporary;
        programs = ForeignPrograms.in(folder, "fio", "qemu-img", "qemu-io").within(DEADLINE);
        pair = NodePair.start(folder);
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
        if (pair != null) {
            pair.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"writethrough", "writeback"})
    void everyBlockIsFoundAgainAndBothFilesAreTheSame(String cache) throws IOException, InterruptedException {
        List<PairImage> images = new ArrayList<>();
        StringBuilder jobs = new StringBuilder(GLOBAL);
        for (String cluster : CLUSTER_SIZES) {
            PairImage image =
                    pair.create("48M", List.of("--cluster-size=" + cluster, "--cache=" + cache, "--attach=shared"));
            programs.qemuIo(image.uri(), "write -P 0x5a 16M 2M");
            images.add(image);
            jobs.append(IMAGE.replace("@CLUSTER@", cluster).replace("@URI@", image.uri()));
        }
        runFio(Files.writeString(folder.resolve("jobs.fio"), jobs));
        for (PairImage image : images) {
            programs.qemuIo(image.uri(), "read -P 0 17M 1M");
            image.awaitRest();
            image.assertSameFiles();
            assertExportIsTheDisk(image);
        }
    }

    private void runFio(Path jobs) throws IOException, InterruptedException {
        Path report = folder.resolve("report.json");
        programs.succeed("fio", "--output-format=json", "--output=" + report, jobs);
        JsonNode found = new ObjectMapper().readTree(report.toFile()).get("jobs");
        assertThat(found).hasSize(3 * CLUSTER_SIZES.size());
        assertThat(found).allMatch(job -> job.get("error").asInt() == 0);
        for (JsonNode job : found) {
            String name = job.get("jobname").asText();
            if (name.startsWith("gone")) {
                assertThat(bytes(job, "trim")).as(name).isEqualTo(GONE_BYTES);
            } else {
                long written = name.startsWith("mixed") ? MIXED_BYTES : AGAIN_BYTES;
                assertThat(bytes(job, "write")).as(name).isEqualTo(written);
                assertThat(bytes(job, "read")).as(name + ", verified").isEqualTo(written);
            }
        }
    }

    private static long bytes(JsonNode job, String direction) {
        return job.get(direction).get("io_bytes").asLong();
    }

    private void assertExportIsTheDisk(PairImage image) throws IOException, InterruptedException {
        Path exported = folder.resolve(image.name() + ".qed");
        pair.ours("image", "export", "-q", image.name(), exported);
        programs.succeed("qemu-img", "check", "-f", "qed", exported);
        for (String uri : List.of(image.uri(), image.replicaUri())) {
            programs.succeed("qemu-img", "compare", "-f", "raw", "-F", "qed", uri, exported);
        }
    }
}
