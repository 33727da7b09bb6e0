package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import io.qedstore.cli.Rebuilds;
import io.qedstore.serve.ForeignPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A rebuild to each point between random operations of one client, one after the other, is the file that qemu's own driver makes by
 * the same. That driver ignores discards, so it is asked for zeros instead: from the first one on, a guest sees the same on both, but
 * the files differ.
 *
 * <p>Turns red when a zero write leaves the bytes of clusters that the file has.
 */
@Tag("once") // on one JDK
class SerialRebuildConformanceIT {
    private static final int OPERATIONS = 50;
    private static final int WITHOUT_DISCARDS = 30;
    private static final int SECTOR = 512;
    private static final int MAX_SECTORS = 512;
    private static final int LENGTH_BYTES = 8 << 20;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /**
     * What an operation left behind.
     *
     * @param qemus the file of qemu's driver
     * @param isSame whether all bytes are to be the same, or what a guest sees
     */
    private record Done(String operation, long sequence, Path qemus, boolean isSame) {}

    @Test
    void whereOperationsAreSerialARebuildIsWhatQemusDriverMakes() throws Exception {
        System.out.println("seed " + seed);
        ForeignPrograms programs = ForeignPrograms.in(folder, "qemu-img", "qemu-io");
        Path qemus = folder.resolve("qemu.qed");
        programs.succeed("qemu-img", "create", "-q", "-f", "qed", "-o", "cluster_size=4096,table_size=2", qemus, "16M");
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, Map.of())) {
            nodes.startNodes("n1");
            nodes.create("vm1", List.of("n1"), "--cluster-size=4k", "--table-size=2");
            List<Done> all = new ArrayList<>();
            for (int i = 0; i < OPERATIONS; i++) {
                boolean isSame = i < WITHOUT_DISCARDS;
                String operation = operation(isSame ? 5 : 8);
                programs.qemuIo(nodes.node("n1").nbd("vm1"), operation.replace("write -z", "write -z -u"));
                programs.succeed("qemu-io", "-f", "qed", "-c", operation.replace("discard", "write -z"), qemus);
                nodes.awaitRest("vm1");
                long sequence = nodes.copy("n1", "vm1").get("sequence").asLong();
                Path then = folder.resolve("qemu-" + i + ".qed");
                Files.copy(qemus, then);
                all.add(new Done(operation, sequence, then, isSame));
            }
            nodes.stopAndRequireFolds();
            assertThat(all.get(OPERATIONS - 1).sequence()).isGreaterThan(OPERATIONS);
            try (Rebuilds rebuilds = Rebuilds.open(nodes.kafka().bootstrapServers())) {
                for (Done done : all) {
                    Path file = folder.resolve("rebuilt-" + done.sequence() + "-" + all.indexOf(done) + ".qed");
                    rebuilds.make("vm1", "seq:" + done.sequence(), List.of(), file);
                    String what = done + ", seed " + seed;
                    if (done.isSame()) {
                        assertThat(Files.mismatch(file, done.qemus())).as(what).isEqualTo(-1);
                    }
                    Program.Result compared =
                            programs.run("qemu-img", "compare", "-f", "qed", "-F", "qed", file, done.qemus());
                    assertThat(compared.exitCode()).as(what + ": " + compared).isZero();
                }
            }
        }
    }

    private String operation(int kinds) {
        int count = (1 + random.nextInt(random.nextBoolean() ? MAX_SECTORS : 16)) * SECTOR;
        long from = (long) random.nextInt((LENGTH_BYTES - count) / SECTOR) * SECTOR;
        String range = " " + from + " " + count;
        return switch (random.nextInt(kinds)) {
            case 0 -> "flush";
            case 1 -> "write -z" + range;
            case 2, 3, 4 -> "write -P " + (1 + random.nextInt(255)) + range;
            default -> "discard" + range;
        };
    }
}
