package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Main;
import io.qedstore.dev.NodeFile;
import io.qedstore.dev.NodeProcess;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.fold.FoldState;
import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.KafkaSettings;
import io.qedstore.log.kafka.LogName;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.rebuild.Redo;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An owner is killed under load again and again; what it has answered is there when it is back. */
class KilledNodeIT {
    private static final int KILLS = Integer.getInteger("qedstore.kills", 30);
    private static final int SECTORS = 4096;
    private static final int MAX_SECTORS = 256;
    private static final int MAX_ANSWERS = 1500;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /**
     * @param name of the image
     * @param disk what is known of it
     */
    private record Tried(String name, StampedDisk disk) {}

    /** Deliberate bugs: a write is answered before its event is acknowledged; a start does not redo; a ceiling is not kept. */
    @Test
    void whatWasAnsweredIsThereAfterEveryKill() throws Exception {
        System.out.println("seed " + seed);
        List<Tried> images = List.of(
                new Tried("through", new StampedDisk(1, SECTORS, true)),
                new Tried("back", new StampedDisk(2, SECTORS, false)));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.one(folder.resolve("kafka")))) {
            Path config = NodeFile.write(
                    folder.resolve("node"),
                    "node",
                    kafka.bootstrapServers(),
                    Map.of("volume.lease", "5s", "log.durability", "page-cache"));
            NodeProcess node = start(config);
            try {
                run("image", "create", "--api=" + node.api(), "through", "16M", "--cluster-size=4k");
                run("image", "create", "--api=" + node.api(), "back", "16M", "--cache=writeback");
                for (int kill = 1; kill <= KILLS; kill++) {
                    writeUntil(node, images, random.nextInt(MAX_ANSWERS));
                    node.kill();
                    node.close();
                    node = start(config);
                    for (Tried image : images) {
                        judge(node, image, "kill " + kill + ", seed " + seed);
                    }
                }
                assertThat(node.stop()).isZero();
                assertThat(images)
                        .allSatisfy(image -> assertThat(image.disk().answers()).isPositive());
                requireFolds(kafka);
            } finally {
                node.close();
            }
        }
    }

    private static NodeProcess start(Path config) throws IOException, InterruptedException {
        return NodeProcess.start(config, List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    }

    /** Kills nobody: gives the clients the time to get some answers. */
    private void writeUntil(NodeProcess node, List<Tried> images, int answers) throws Exception {
        List<StampingClient> clients = new ArrayList<>();
        try {
            long before = 0;
            for (Tried image : images) {
                before += image.disk().answers();
                clients.add(new StampingClient(node.nbd(image.name()), image.disk(), random.nextLong(), MAX_SECTORS));
            }
            long wanted = before + answers;
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (images.stream().mapToLong(image -> image.disk().answers()).sum() < wanted) {
                assertThat(System.nanoTime() - deadline)
                        .as("time for " + answers + " answers")
                        .isNegative();
                assertThat(clients).allMatch(StampingClient::isWriting);
                TimeUnit.MILLISECONDS.sleep(1);
            }
            node.kill();
        } finally {
            for (StampingClient client : clients) {
                client.close();
            }
        }
    }

    private static void judge(NodeProcess node, Tried image, String when) throws IOException {
        byte[] content = new byte[image.disk().lengthBytes()];
        try (PlainNbdClient reader = new PlainNbdClient(node.nbd(image.name()))) {
            for (int at = 0; at < content.length; at += 1 << 18) {
                System.arraycopy(reader.read(at, 1 << 18), 0, content, at, 1 << 18);
            }
        }
        assertThat(image.disk().judge(content))
                .as(image.name() + " after " + when)
                .isEmpty();
    }

    /** Every file is what its log says, and nothing else. */
    private void requireFolds(EmbeddedKafka kafka) throws IOException, InterruptedException {
        Path files = folder.resolve("node/data/images");
        try (KafkaLogs logs = KafkaLogs.connect(KafkaSettings.of("judge", kafka.bootstrapServers()));
                var list = Files.list(files)) {
            for (Path file : list.toList()) {
                String id = file.getFileName().toString().replace(".qed", "");
                KafkaEventLog log = logs.openToRead(LogName.of(new ImageId(UUID.fromString(id))));
                MemoryImageFile folded = new MemoryImageFile();
                FoldState start = FoldState.start(
                        new ImageId(UUID.fromString(id)), lineages.getOrDefault(id, LineageId.of(0, 0)), log.topicId());
                new Redo(log, start, folded, PATIENCE).until(next -> false);
                byte[] expected = new byte[(int) folded.length()];
                folded.read(0, java.nio.ByteBuffer.wrap(expected));
                assertThat(Files.readAllBytes(file)).as(file + " and its log").isEqualTo(expected);
            }
        }
    }

    private final Map<String, LineageId> lineages = new java.util.HashMap<>();

    private String run(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--output=json");
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
        assertThat(exitCode).as(err.toString()).isZero();
        Matcher ids = Pattern.compile("\"id\" ?: ?\"([^\"]+)\".*?\"lineage\" ?: ?\"([^\"]+)\"", Pattern.DOTALL)
                .matcher(out.toString());
        while (ids.find()) {
            lineages.put(ids.group(1), new LineageId(UUID.fromString(ids.group(2))));
        }
        return out.toString();
    }
}
