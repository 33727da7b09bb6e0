package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.faults.StampedDisk.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node that is gone loses its images to others, if they opted in, and follows when it comes back. Turns red when the lease is waited
 * for from the claim on though nothing came before it since long: with the usual lease, that is too late.
 */
@Tag("once") // on one JDK
class FailoverIT {
    /** What it may take besides the lease. */
    private static final Duration ALLOWED = Duration.ofSeconds(10);

    private static final int SECTORS = 8192;
    private static final int MAX_SECTORS = 64;
    private static final int SOME = 100;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());

    private static void writeSome(NodesOnKafka nodes, String node, StampedDisk disk, long seed) throws Exception {
        try (StampingClient client = new StampingClient(nodes.node(node).nbd("vm1"), disk, seed, MAX_SECTORS)) {
            long wanted = disk.answers() + SOME;
            NodesOnKafka.await("writes", () -> {
                assertThat(client.isWriting()).as("the client is connected").isTrue();
                return disk.answers() >= wanted;
            });
            client.finish();
        }
    }

    private static String ownerOf(NodesOnKafka nodes, String asked, String image) {
        return nodes.ask(asked, "image", "show", image).get("owner").asText();
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 30})
    void imagesThatOptedInAreTakenOverAndTheirOldOwnerFollows(int leaseSeconds) throws Exception {
        System.out.println("seed " + seed);
        Duration lease = Duration.ofSeconds(leaseSeconds);
        Map<String, String> settings = Map.of("volume.lease", leaseSeconds + "s");
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, settings)) {
            nodes.startNodes("n1", "n2", "n3");
            nodes.create("vm1", List.of("n1", "n2", "n3"), "--cache=writethrough", "--failover=auto");
            nodes.create("vm2", List.of("n1", "n2"));
            StampedDisk disk = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);
            writeSome(nodes, "n1", disk, seed);

            nodes.kill("n1");
            long killedAt = System.nanoTime();
            NodesOnKafka.await("another owner", () -> {
                String owner = ownerOf(nodes, "n2", "vm1");
                return !owner.equals("n1")
                        && nodes.copy(owner, "vm1").get("state").asText().equals("owning");
            });
            Duration took = Duration.ofNanos(System.nanoTime() - killedAt);
            System.out.println(
                    "in service again after " + took.toMillis() + " ms, with a lease of " + lease.toMillis());
            assertThat(took).as("in service again").isLessThan(lease.plus(ALLOWED));
            String owner = ownerOf(nodes, "n2", "vm1");
            assertThat(ownerOf(nodes, "n2", "vm2")).as("it has not opted in").isEqualTo("n1");

            writeSome(nodes, owner, disk, seed + 1);
            nodes.startNode("n1");
            NodesOnKafka.await("the old owner to follow", () -> {
                JsonNode copy = nodes.copy("n1", "vm1");
                return copy.path("state").asText().equals("following")
                        && copy.get("applied").asLong()
                                == nodes.copy(owner, "vm1").get("applied").asLong();
            });
            assertThat(ownerOf(nodes, "n1", "vm1")).isEqualTo(owner);
            List<String> others = List.of("n1", "n2", "n3").stream()
                    .filter(node -> !node.equals(owner))
                    .toList();
            nodes.placed("vm1", List.of(owner, others.get(0), others.get(1)));
            nodes.judge("vm1", disk, "after the takeover");
            writeSome(nodes, owner, disk, seed + 2);
            nodes.judge("vm1", disk, "in the end");
        }
    }
}
