package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.checkpoint.s3.S3Server;
import io.qedstore.faults.StampedDisk.Promise;
import io.qedstore.qed.file.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disks of all nodes are lost. The logs have lost their beginnings before, so that the images come back from what Kafka has and from
 * the checkpoints in a store of objects.
 *
 * <p>Turns red when checkpoints are not asked for where no other node has a copy.
 */
@Tag("once") // on one JDK
class DisksLostIT {
    private static final int SECTORS = 4096;
    private static final int MAX_SECTORS = 128;
    private static final List<String> NODES = List.of("n1", "n2");

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());

    @Test
    void imagesComeBackFromKafkaAndObjectsAlone() throws Exception {
        System.out.println("seed " + seed);
        try (S3Server s3 = S3Server.start(folder.resolve("s3"));
                NodesOnKafka nodes = NodesOnKafka.start(folder, settings(s3))) {
            nodes.startNodes("n1", "n2");
            nodes.create("vm1", NODES, "--cache=writethrough"); // with a replica
            nodes.create("vm2", List.of("n2"), "--cache=writethrough"); // without
            StampedDisk first = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);
            StampedDisk second = new StampedDisk(2, SECTORS, Promise.WHEN_ANSWERED);
            write(nodes, "n1", "vm1", first);
            write(nodes, "n2", "vm2", second);
            nodes.ask("n1", "image", "create", "clone", "--from=vm1@latest", "--owner=n2", "--replicas=0");
            for (String node : NODES) {
                nodes.kill(node);
                loseDisk(node);
            }
            nodes.startNodes("n1", "n2");
            for (String image : List.of("vm1", "vm2", "clone")) {
                NodesOnKafka.await(image + " to be served", () -> isServed(nodes, image));
            }
            nodes.judge("vm1", first, "after all disks were lost");
            nodes.judge("vm2", second, "after all disks were lost");
            NodesOnKafka.await(
                    "the replica",
                    () -> nodes.copy("n2", "vm1").get("state").asText().equals("following"));
            assertThat(read(nodes, "n2", "vm1@latest")).isEqualTo(read(nodes, "n1", "vm1"));
            assertThat(read(nodes, "n1", "clone")).isEqualTo(read(nodes, "n1", "vm1"));
            for (String image : List.of("vm1", "vm2")) {
                JsonNode verified = nodes.ask("n2", "image", "verify", image);
                assertThat(verified.toString()).as(image).doesNotContain("differs");
            }
        }
    }

    /** A node says at its start that this is how it is told that it runs nowhere else. */
    private void loseDisk(String node) throws IOException {
        Path data = folder.resolve(node).resolve("data");
        DurableFile.removeAll(data);
        Files.createDirectories(data);
        Files.writeString(data.resolve("node.id"), node);
    }

    private static Map<String, String> settings(S3Server s3) {
        return Map.of(
                "checkpoint.tail.bytes",
                "1M",
                "checkpoint.s3.url",
                "s3://" + S3Server.BUCKET + "/disks",
                "checkpoint.s3.endpoint",
                s3.endpoint().toString(),
                "checkpoint.s3.region",
                "eu-central-1",
                "retention.every",
                "1s");
    }

    /** Until the log has lost its beginning. */
    private void write(NodesOnKafka nodes, String node, String image, StampedDisk disk) throws Exception {
        nodes.ask(node, "image", "retention", "set", image, "--keep-bytes=1M");
        try (StampingClient client = new StampingClient(nodes.node(node).nbd(image), disk, seed, MAX_SECTORS)) {
            NodesOnKafka.await("a log without its beginning", () -> {
                assertThat(client.isWriting()).isTrue();
                return nodes.topic(image).startOffset() > 0;
            });
            client.finish();
        }
    }

    private static boolean isServed(NodesOnKafka nodes, String image) {
        try {
            return read(nodes, "n1", image).length > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static byte[] read(NodesOnKafka nodes, String node, String export) throws IOException {
        try (PlainNbdClient client = new PlainNbdClient(nodes.node(node).nbd(export))) {
            return client.read(0, SECTORS * 512);
        }
    }
}
