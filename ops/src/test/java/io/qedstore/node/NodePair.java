package io.qedstore.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.cli.Program;
import io.qedstore.dev.NodeFile;
import io.qedstore.dev.NodeProcess;
import io.qedstore.kafka.TestKafka;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two nodes on the shared broker, each a process: the first owns images, the second has a copy of each. Their ids and their
 * images' names are like no other pair's, for all pairs share a catalog.
 */
final class NodePair implements Closeable {
    private static final List<String> JVM = List.of("-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    private static final AtomicInteger PAIRS = new AtomicInteger();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final Path folder;
    private final NodeProcess owner;
    private final NodeProcess replica;
    private int images;

    private NodePair(String name, Path folder, NodeProcess owner, NodeProcess replica) {
        this.name = name;
        this.folder = folder;
        this.owner = owner;
        this.replica = replica;
    }

    /** Returns once both serve. */
    static NodePair start(Path folder) throws IOException, InterruptedException {
        return start(folder, Map.of());
    }

    /** @param settings of both, beside those that all nodes of tests have */
    static NodePair start(Path folder, Map<String, String> settings) throws IOException, InterruptedException {
        String name = "pair-" + PAIRS.incrementAndGet();
        String kafka = TestKafka.bootstrapServers();
        NodeProcess owner = start(folder, name, "owner", kafka, settings);
        boolean started = false;
        try {
            NodePair pair = new NodePair(name, folder, owner, start(folder, name, "replica", kafka, settings));
            started = true;
            return pair;
        } finally {
            if (!started) {
                owner.close();
            }
        }
    }

    private static NodeProcess start(Path folder, String pair, String role, String kafka, Map<String, String> settings)
            throws IOException, InterruptedException {
        return NodeProcess.start(NodeFile.write(folder.resolve(role), pair + "-" + role, kafka, settings), JVM);
    }

    /**
     * Creates an image.
     *
     * @param options of {@code image create}
     */
    PairImage create(String size, List<String> options) throws IOException {
        return create(List.of(size), options);
    }

    /**
     * Creates a clone.
     *
     * @param from an image's name, with a point or without
     * @param options of {@code image create}, a size too
     */
    PairImage cloneOf(String from, String... options) throws IOException {
        return create(List.of("--from=" + from), List.of(options));
    }

    private PairImage create(List<String> what, List<String> options) throws IOException {
        images++;
        String image = name + "-image-" + images;
        List<String> words = new ArrayList<>(List.of("image", "create", image));
        words.addAll(what);
        words.addAll(placement());
        words.addAll(options);
        ours(words.toArray());
        return new PairImage(this, image, json("image", "show", image).get("id").asText());
    }

    /** Options by which an image lies on this pair: the catalog knows other pairs' nodes, too. */
    List<String> placement() {
        return List.of("--owner=" + name + "-owner", "--replicas=" + name + "-replica,");
    }

    /** Runs one of our commands, which must succeed, and asks the owner. */
    String ours(Object... words) {
        Program.Result result = run(words);
        if (result.exitCode() != 0) {
            throw new AssertionError(
                    "qedstore " + List.of(words) + " exited with " + result.exitCode() + ": " + result.err());
        }
        return result.out();
    }

    /** Runs one of our commands, and asks the owner. */
    Program.Result run(Object... words) {
        List<Object> all = new ArrayList<>(Arrays.asList(words));
        all.add("--api=" + owner.api());
        return Program.run(all.toArray());
    }

    JsonNode json(Object... words) throws IOException {
        List<Object> all = new ArrayList<>(Arrays.asList(words));
        all.add("--output=json");
        return JSON.readTree(ours(all.toArray()));
    }

    NodeProcess owner() {
        return owner;
    }

    NodeProcess replica() {
        return replica;
    }

    Path ownerFile(String id) {
        return folder.resolve("owner/data/images/" + id + ".qed");
    }

    Path replicaFile(String id) {
        return folder.resolve("replica/data/images/" + id + ".qed");
    }

    /** Ends both in order; what does not end so is killed. */
    void stop() throws IOException, InterruptedException {
        try (this) {
            int replicaCode = replica.stop();
            int ownerCode = owner.stop();
            if (replicaCode != 0 || ownerCode != 0) {
                throw new AssertionError(
                        "the replica ended with " + replicaCode + ", the owner with " + ownerCode + ", expected 0");
            }
        }
    }

    @Override
    public void close() {
        owner.close();
        replica.close();
    }
}
