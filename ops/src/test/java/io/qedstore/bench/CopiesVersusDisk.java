package io.qedstore.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.cli.Program;
import io.qedstore.dev.NodeFile;
import io.qedstore.dev.NodeProcess;
import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/**
 * How fast a replica is seeded and an image is rebuilt from its log, beside a copy of the same file by {@code cp} and a consumer of the
 * same log that does nothing else. All take turns. An image is dense, or has 4 KiB of data and 4 KiB of hole, and so on.
 *
 * <p>Arguments: a folder, rounds, how many MiB of data an image has, and {@code dense,fragmented} or one of these.
 */
final class CopiesVersusDisk {
    private static final List<String> JVM = List.of("-Xmx512m", "-XX:+UseSerialGC");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MIB = 1 << 20;
    private static final int LOOK_MS = 50; // a look costs as much as copying a few MiB
    private static final String NAME = "copied";

    private final Path folder;
    private final int rounds;
    private final long mib;
    private final EmbeddedKafka kafka;
    private final NodeProcess owner;
    private final NodeProcess other;

    private CopiesVersusDisk(String[] arguments, EmbeddedKafka kafka, NodeProcess owner, NodeProcess other) {
        this.folder = Path.of(arguments[0]);
        this.rounds = Integer.parseInt(arguments[1]);
        this.mib = Long.parseLong(arguments[2]);
        this.kafka = kafka;
        this.owner = owner;
        this.other = other;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.one(folder.resolve("kafka")));
                NodeProcess owner = node(folder, "owner", kafka);
                NodeProcess other = node(folder, "other", kafka)) {
            CopiesVersusDisk bench = new CopiesVersusDisk(arguments, kafka, owner, other);
            System.out.println("| medians | MB/s | cp | consumer | of the slower | lowest .. highest |");
            System.out.println("|---|---|---|---|---|---|");
            if (arguments[3].contains("dense")) {
                bench.compare("dense", 1, "--bs=1M", "--rw=write");
            }
            if (arguments[3].contains("fragmented")) {
                bench.compare("fragmented", 2, "--bs=4k", "--rw=write:4k");
            }
        }
    }

    private static NodeProcess node(Path folder, String id, EmbeddedKafka kafka)
            throws IOException, InterruptedException {
        Map<String, String> settings = Map.of("log.durability", "page-cache", "checkpoint.keep", "0");
        return NodeProcess.start(NodeFile.write(folder.resolve(id), id, kafka.bootstrapServers(), settings), JVM);
    }

    // ---- one shape

    /** A figure of each round: ours, and what it is compared with, in MB of data per second. */
    private record Round(double ours, double disk, double consumer) {
        double ratio() {
            return ours / Math.min(disk, consumer);
        }
    }

    private void compare(String shape, int spread, String... pattern) throws Exception {
        JsonNode made =
                ask("image", "create", NAME, mib * spread + "M", "--owner=owner", "--replicas=0", "--cache=writeback");
        fill(spread, pattern);
        String id = made.get("id").asText();
        Path file = folder.resolve("owner/data/images/" + id + ".qed");
        List<Round> seeded = new ArrayList<>();
        List<Round> rebuilt = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) { // the first does not count
            double disk = mb() / seconds(() -> copy(file));
            double consumer = mb() / seconds(() -> consume("qedstore.log." + id));
            double seeding = mb() / seconds(this::seed);
            double rebuild = mb() / seconds(this::rebuild);
            unseed(id);
            if (round > 0) {
                seeded.add(new Round(seeding, disk, consumer));
                rebuilt.add(new Round(rebuild, disk, consumer));
            }
        }
        print("seeding, " + shape, seeded);
        print("rebuild, " + shape, rebuilt);
        ask("image", "delete", NAME);
    }

    private double mb() {
        return mib * MIB / 1e6;
    }

    private void fill(int spread, String... pattern) throws IOException, InterruptedException {
        List<String> fio = new ArrayList<>(List.of(
                "fio",
                "--name=fill",
                "--ioengine=nbd",
                "--uri=" + owner.nbd(NAME),
                "--iodepth=32",
                "--size=" + mib * spread + "M",
                "--io_size=" + mib + "M",
                "--end_fsync=1",
                "--refill_buffers"));
        fio.addAll(List.of(pattern));
        run(fio.toArray(String[]::new));
    }

    // ---- what is measured

    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static double seconds(Work work) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) / 1e9;
    }

    private void copy(Path file) throws IOException, InterruptedException {
        Path to = folder.resolve("copy");
        run("cp", "--reflink=never", "--sparse=auto", file.toString(), to.toString());
        try (FileChannel written = FileChannel.open(to, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Files.delete(to);
    }

    private void consume(String topic) {
        Map<String, Object> configs = new HashMap<>();
        configs.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<ByteBuffer, ByteBuffer> consumer =
                new KafkaConsumer<>(configs, new ByteBufferDeserializer(), new ByteBufferDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = Objects.requireNonNull(
                    consumer.endOffsets(List.of(partition)).get(partition));
            long next = 0;
            while (next < end) {
                for (ConsumerRecord<ByteBuffer, ByteBuffer> each : consumer.poll(Duration.ofSeconds(1))) {
                    next = each.offset() + 1;
                }
            }
        }
    }

    private void seed() throws IOException, InterruptedException {
        ask("replica", "add", NAME, "other");
        while (!isWhole()) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    private boolean isWhole() throws IOException {
        JsonNode copy = json("image", "show", NAME, "--api=" + other.api()).path("copy");
        return copy.path("state").asText().equals("following")
                && copy.path("lagRecords").asLong() == 0
                && copy.path("applied").asLong() > 0;
    }

    private void rebuild() throws IOException {
        Path to = folder.resolve("rebuilt.qed");
        Program.Result result = Program.run(
                "replica", "rebuild", "--kafka=" + kafka.bootstrapServers(), "--image=" + NAME, "--to=" + to);
        if (result.exitCode() != 0) {
            throw new IOException(result.err());
        }
        Files.delete(to);
    }

    private void unseed(String id) throws IOException, InterruptedException {
        ask("replica", "remove", NAME, "other");
        while (Files.exists(folder.resolve("other/data/images/" + id + ".qed"))) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    // ---- the rest

    private static void print(String what, List<Round> rounds) {
        List<Double> ratios = rounds.stream().map(Round::ratio).sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.0f | **%.2f** | %.2f .. %.2f |%n",
                what,
                median(rounds.stream().map(Round::ours).sorted().toList()),
                median(rounds.stream().map(Round::disk).sorted().toList()),
                median(rounds.stream().map(Round::consumer).sorted().toList()),
                median(ratios),
                ratios.get(0),
                ratios.get(ratios.size() - 1));
    }

    private static double median(List<Double> sorted) {
        return sorted.get(sorted.size() / 2);
    }

    private JsonNode ask(Object... words) throws IOException {
        List<Object> all = new ArrayList<>(List.of(words));
        all.add("--api=" + owner.api());
        return json(all.toArray());
    }

    private static JsonNode json(Object... words) throws IOException {
        List<Object> all = new ArrayList<>(List.of(words));
        all.add("--output=json");
        Program.Result result = Program.run(all.toArray());
        if (result.exitCode() != 0) {
            throw new IOException(all + ": " + result.err());
        }
        return JSON.readTree(result.out());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " has ended with " + process.exitValue());
        }
    }
}
