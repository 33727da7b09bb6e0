package io.qedstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.dev.NodeFile;
import io.qedstore.dev.NodeProcess;
import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The main job on this machine: real brokers, nodes as processes, qemu's own tools as clients. Each claim is checked. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what qedstore does, step by step, in a temporary folder, and proves it with qemu's own tools:",
            "a real Kafka broker, two nodes, a file system written over NBD, a snapshot, a replica that is the same file,",
            "a rebuild, an export, and an owner that is killed under load without a flushed write being lost."
        },
        footer = {"%nExample:", "  qedstore demo"})
final class DemoCommand implements Callable<Integer> {
    private static final List<String> NODE_JVM = List.of("-Xms192m", "-Xmx192m", "-XX:TieredStopAtLevel=1");
    private static final int LOAD_BLOCKS = 5000;
    private static final int KILL_AFTER_BLOCKS = 150;
    private static final long LOAD_OFFSET = 128L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LOOK_MS = 50;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, CommandFailure {
        try (DemoStage stage = new DemoStage(spec.commandLine().getOut())) {
            stage.title("A real Kafka broker and two store nodes, each a process of its own");
            try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.one(stage.file("kafka")))) {
                stage.say("  Kafka at " + kafka.bootstrapServers());
                Path first = node(stage, "node-1", kafka);
                Path second = node(stage, "node-2", kafka);
                try (NodeProcess one = start(stage, first);
                        NodeProcess two = start(stage, second)) {
                    tellTheStory(stage, kafka, one, two);
                    backAgain(stage, first, two);
                }
            }
            stage.say(String.format(Locale.ROOT, "%nEvery step was checked, in %.1f s.", stage.seconds()));
        }
        return 0;
    }

    private static Path node(DemoStage stage, String id, EmbeddedKafka kafka) throws IOException {
        return NodeFile.write(stage.file(id), id, kafka.bootstrapServers(), Map.of("volume.lease", "5s"));
    }

    private static NodeProcess start(DemoStage stage, Path config) throws IOException, InterruptedException {
        NodeProcess node = NodeProcess.start(config, NODE_JVM);
        stage.say("  " + config.resolveSibling("").getFileName() + " (process " + node.pid() + "): API " + node.api()
                + ", " + node.nbd("NAME"));
        return node;
    }

    private static void tellTheStory(DemoStage stage, EmbeddedKafka kafka, NodeProcess one, NodeProcess two)
            throws IOException, InterruptedException, CommandFailure {
        String api = "--api=" + one.api();
        String uri = one.nbd("vm1");

        stage.title("An image, and a real ext4 file system in it, written over NBD by qemu-img");
        stage.ours("image", "create", api, "vm1", "256M", "--owner=node-1", "--replicas=node-2");
        Path files = Files.createDirectories(stage.file("files/letters"));
        for (int i = 0; i < 500; i++) {
            Files.writeString(files.resolve("letter-" + i), ("Dear reader, this is letter " + i + ".\n").repeat(40));
        }
        stage.foreign("truncate", "-s", "256M", "disk.raw");
        stage.foreign("mkfs.ext4", "-q", "-F", "-d", "files", "disk.raw");
        stage.foreign("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", "disk.raw", uri);
        stage.foreign("qemu-img", "compare", "-q", "-f", "raw", "-F", "raw", "disk.raw", uri);

        stage.title("A snapshot, and then more writes");
        stage.ours("image", "snapshot", "create", api, "vm1", "before");
        stage.foreign(
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "write -q -P 0x5a 40M 8M",
                "-c",
                "write -q -z 60M 2M",
                "-c",
                "flush",
                uri);

        stage.title("The replica's file is the owner's, byte for byte");
        awaitReplica(stage, api, "node-2");
        requireSameFiles(stage);

        stage.title("The image as of the snapshot, rebuilt from the log alone");
        Path rebuilt = stage.file("before.qed");
        stage.ours(
                "replica",
                "rebuild",
                "--kafka=" + kafka.bootstrapServers(),
                "--image=vm1",
                "--at=snapshot:before",
                "--to=" + rebuilt);
        stage.foreign("qemu-img", "check", "-q", "before.qed");
        stage.foreign("qemu-img", "compare", "-q", "-f", "raw", "-F", "qed", "disk.raw", "before.qed");
        stage.foreign("qemu-img", "convert", "-f", "qed", "-O", "raw", "before.qed", "before.raw");
        stage.foreign("e2fsck", "-f", "-n", "before.raw");

        stage.title("The image as it is now, exported for qemu");
        stage.ours("image", "export", api, "vm1", stage.file("now.qed").toString());
        stage.foreign("qemu-img", "check", "-q", "now.qed");
        stage.foreign("qemu-img", "compare", "-q", "-f", "raw", "-F", "qed", uri, "now.qed");

        stage.title("The owner is killed under load; the replica takes over");
        killUnderLoad(stage, one, two);
    }

    private static void killUnderLoad(DemoStage stage, NodeProcess one, NodeProcess two)
            throws IOException, InterruptedException, CommandFailure {
        int flushed;
        DemoLoad load = DemoLoad.start(one.nbd("vm1"), LOAD_OFFSET, LOAD_BLOCKS);
        try (load) {
            await(stage, "some flushed writes", () -> load.flushed() >= KILL_AFTER_BLOCKS || !load.isRunning());
            one.kill();
            flushed = load.stop();
        }
        stage.require(
                flushed >= KILL_AFTER_BLOCKS && flushed < LOAD_BLOCKS,
                "node-1 was killed (SIGKILL) after " + flushed + " of " + LOAD_BLOCKS + " writes had been flushed");
        stage.ours("image", "promote", "--api=" + two.api(), "vm1", "--node=node-2", "--force");
        stage.foreign(load.check(two.nbd("vm1"), flushed).toArray(String[]::new));
        stage.require(true, "node-2 has every one of the " + flushed + " flushed writes");
        stage.foreign("qemu-io", "-f", "raw", "-c", "write -q -P 0x77 200M 1M", "-c", "flush", two.nbd("vm1"));
    }

    private static void backAgain(DemoStage stage, Path first, NodeProcess two)
            throws IOException, InterruptedException, CommandFailure {
        stage.title("The killed node comes back, and follows the new owner");
        try (NodeProcess one = start(stage, first)) {
            stage.require(one.isAlive(), "node-1 runs again");
            awaitReplica(stage, "--api=" + two.api(), "node-1");
            requireSameFiles(stage);
        }
    }

    private static void requireSameFiles(DemoStage stage) throws IOException, CommandFailure {
        Path here = imageFile(stage, "node-1");
        Path there = imageFile(stage, "node-2");
        long differs = Files.mismatch(here, there);
        stage.require(
                differs == -1 && Files.size(here) > 1 << 20,
                "the files of node-1 and node-2 are identical, " + Files.size(here) + " bytes");
    }

    private static Path imageFile(DemoStage stage, String node) throws IOException, CommandFailure {
        try (Stream<Path> files = Files.list(stage.file(node).resolve("data/images"))) {
            return files.filter(file -> file.toString().endsWith(".qed"))
                    .findFirst()
                    .orElseThrow(() -> new CommandFailure(node + " has no image file"));
        }
    }

    /** Until a node has applied all that the owner has, and nothing new comes. */
    private static void awaitReplica(DemoStage stage, String api, String node)
            throws InterruptedException, CommandFailure {
        await(stage, node + " has all of the log", () -> {
            JsonNode copies = read(stage.ask("replica", "list", api, "vm1", "--output=json"));
            long most = 0;
            long has = -1;
            for (JsonNode copy : copies.isArray() ? copies : copies.path("items")) {
                most = Math.max(most, copy.path("sequence").asLong());
                has = copy.path("node").asText().equals(node)
                        ? copy.path("applied").asLong()
                        : has;
            }
            return most > 0 && has == most;
        });
    }

    private static JsonNode read(String json) throws CommandFailure {
        try {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new CommandFailure("no JSON: " + json);
        }
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds() throws CommandFailure;
    }

    private static void await(DemoStage stage, String what, Condition condition)
            throws InterruptedException, CommandFailure {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                throw new CommandFailure("waited " + PATIENCE.toSeconds() + " s in vain until " + what);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
        stage.say("  " + what);
    }
}
