package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.cli.Program;
import io.qedstore.dev.NodeFile;
import io.qedstore.dev.NodeProcess;
import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** A broker of its own and nodes on it, each a process that can be killed and started again. One thread. */
final class NodesOnKafka implements Closeable {
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** The last two are who asks a store of objects. */
    private static final List<String> JVM = List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Daws.accessKeyId=test",
            "-Daws.secretAccessKey=test");

    private static final int LOOK_MS = 5;
    private static final int FEATURES_OFFSET = 16; // of a file's header
    private static final int NEED_CHECK = 2;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final Map<String, String> settings;
    private final EmbeddedKafka kafka;
    private final Map<String, NodeProcess> nodes = new HashMap<>();
    private final Map<String, Map<String, String>> environments = new HashMap<>();
    private final Map<String, Map<String, String>> ownSettings = new HashMap<>();
    private final Map<String, Image> images = new HashMap<>();

    private record Image(String name, String id, String lineage, List<String> nodes) {}

    private NodesOnKafka(Path folder, Map<String, String> settings, EmbeddedKafka kafka) {
        this.folder = folder;
        this.settings = settings;
        this.kafka = kafka;
    }

    /**
     * Starts the broker.
     *
     * @param settings of the nodes
     */
    static NodesOnKafka start(Path folder, Map<String, String> settings) throws IOException, InterruptedException {
        EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.one(folder.resolve("kafka")));
        Map<String, String> all = new HashMap<>(settings);
        all.put("log.durability", "page-cache");
        return new NodesOnKafka(folder, all, kafka);
    }

    EmbeddedKafka kafka() {
        return kafka;
    }

    // ---- nodes

    /** A node has a clock of its own from its next start on. */
    void giveClock(String id, ShiftedClock clock) {
        environments.put(id, clock.environment());
    }

    /** A node has settings of its own from its next start on, besides those of all and before them. */
    void giveSettings(String id, Map<String, String> own) {
        ownSettings.put(id, own);
    }

    /** Starts a node, which may have run before, and returns once it serves. */
    NodeProcess startNode(String id) throws IOException, InterruptedException {
        NodeProcess started = NodeProcess.start(config(id), JVM, environment(id));
        nodes.put(id, started);
        return started;
    }

    /** As {@link #startNode}, of several at a time. */
    void startNodes(String... ids) throws IOException, InterruptedException {
        Map<String, CompletableFuture<NodeProcess>> starting = new LinkedHashMap<>();
        for (String id : ids) {
            starting.put(id, startAside(id));
        }
        starting.forEach((id, started) -> nodes.put(id, started.join()));
    }

    private CompletableFuture<NodeProcess> startAside(String id) throws IOException {
        Path config = config(id);
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return NodeProcess.start(config, JVM, environment(id));
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task, "start a node").start());
    }

    private Map<String, String> environment(String id) {
        return environments.getOrDefault(id, Map.of());
    }

    /** The file with a node's settings. */
    Path config(String id) throws IOException {
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(ownSettings.getOrDefault(id, Map.of()));
        return NodeFile.write(folder.resolve(id), id, kafka.bootstrapServers(), all);
    }

    NodeProcess node(String id) {
        NodeProcess node = nodes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("no node " + id + " was started");
        }
        return node;
    }

    void kill(String id) throws InterruptedException {
        try (NodeProcess node = node(id)) {
            node.kill();
        }
    }

    /** Ends a node as SIGTERM does. */
    void stop(String id) throws IOException, InterruptedException {
        try (NodeProcess node = node(id)) {
            assertThat(node.stop()).isZero();
        }
    }

    /** Stops a node in its tracks, as SIGSTOP does: its connections stay open and nothing is answered. */
    void pause(String id) throws IOException, InterruptedException {
        signal(id, "STOP");
    }

    /** Lets a paused node go on. */
    void wake(String id) throws IOException, InterruptedException {
        signal(id, "CONT");
    }

    private void signal(String id, String signal) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + signal, Long.toString(node(id).pid()))
                .start()
                .waitFor();
        assertThat(code).as("kill -" + signal).isZero();
    }

    /** What a node has said until now. */
    String log(String id) throws IOException {
        return Files.readString(folder.resolve(id).resolve("node.log"));
    }

    /** Starts a node and kills it so long after its process is there, wherever it has come to by then. */
    void killWhileStarting(String id, Duration after) throws IOException, InterruptedException {
        Set<Long> before = children();
        CompletableFuture<NodeProcess> starting = startAside(id);
        await("a process", () -> starting.isDone() || children().size() > before.size());
        long then = System.nanoTime() + after.toNanos();
        await("the moment to kill it", () -> System.nanoTime() - then >= 0);
        for (long pid : children()) {
            if (!before.contains(pid)) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        try (NodeProcess faster = starting.join()) {
            faster.kill();
        } catch (CompletionException e) {
            assertThat(e.getCause()).hasMessageContaining("did not become ready");
        }
    }

    private static Set<Long> children() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    /** Polls until something is so. */
    static void await(String what, BooleanSupplier isSo) throws InterruptedException {
        await(what, PATIENCE, isSo);
    }

    static void await(String what, Duration patience, BooleanSupplier isSo) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!isSo.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("time for " + what).isNegative();
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    // ---- images

    /**
     * Creates an image.
     *
     * @param nodesOf the owner first, then the others
     * @param options of {@code image create}
     */
    void create(String name, List<String> nodesOf, String... options) {
        List<Object> words = new ArrayList<>(List.of("image", "create", name, "16M"));
        words.add("--owner=" + nodesOf.get(0));
        List<String> replicas = nodesOf.subList(1, nodesOf.size());
        words.add("--replicas=" + (replicas.isEmpty() ? "0" : String.join(",", replicas) + ","));
        words.addAll(List.of(options));
        JsonNode made = ask(nodesOf.get(0), words);
        images.put(
                name,
                new Image(name, made.get("id").asText(), made.get("lineage").asText(), List.copyOf(nodesOf)));
    }

    /** Has another node take an image, and returns once it has. */
    void promote(String image, String node, String... options) {
        List<Object> words = new ArrayList<>(List.of("image", "promote", image, "--node=" + node));
        words.addAll(List.of(options));
        ask(node, words);
    }

    private Image image(String name) {
        Image image = images.get(name);
        if (image == null) {
            throw new IllegalArgumentException("no image " + name + " was created");
        }
        return image;
    }

    /** How a node's copy of an image is, as its API says. */
    JsonNode copy(String node, String image) {
        return ask(node, List.of("image", "show", image)).get("copy");
    }

    /** The image is placed otherwise now. */
    void placed(String name, List<String> nodesNow) {
        Image before = image(name);
        images.put(name, new Image(name, before.id(), before.lineage(), List.copyOf(nodesNow)));
    }

    /** The file that a node has, or would have, of an image. */
    Path file(String node, String image) {
        return file(node, image(image));
    }

    ImageTopic topic(String image) {
        return topic(image(image));
    }

    private ImageTopic topic(Image image) {
        return new ImageTopic(kafka.bootstrapServers(), UUID.fromString(image.id()), UUID.fromString(image.lineage()));
    }

    /** Runs a command, which succeeds, and returns what it says in JSON. */
    JsonNode ask(String node, Object... words) {
        return ask(node, List.of(words));
    }

    private JsonNode ask(String node, List<Object> words) {
        List<Object> all = new ArrayList<>(words);
        all.add("--api=" + node(node).api());
        all.add("--output=json");
        Program.Result result = Program.run(all.toArray());
        assertThat(result.exitCode()).as(all + ": " + result.err()).isZero();
        return json(result.out());
    }

    /** What a command has said with {@code --output=json}. */
    static JsonNode json(String said) {
        try {
            return JSON.readTree(said);
        } catch (IOException e) {
            throw new AssertionError("expected JSON, found " + said, e);
        }
    }

    /** What a node's {@code /metrics} says of an image. */
    double metric(String node, String metric, String image) {
        String series = metric + "{image=\"" + image + "\"} ";
        try (InputStream answer =
                URI.create(node(node).api() + "/metrics").toURL().openStream()) {
            String all = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
            return all.lines()
                    .filter(line -> line.startsWith(series))
                    .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + series + "in " + all));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a disk as the owner serves it, and has it judged.
     *
     * @param when for people
     */
    void judge(String image, StampedDisk disk, String when) throws IOException {
        byte[] content = new byte[disk.lengthBytes()];
        try (PlainNbdClient reader =
                new PlainNbdClient(node(image(image).nodes().get(0)).nbd(image))) {
            for (int at = 0; at < content.length; at += 1 << 18) {
                System.arraycopy(reader.read(at, 1 << 18), 0, content, at, 1 << 18);
            }
        }
        assertThat(disk.judge(content)).as(image + " " + when).isEmpty();
    }

    /** Returns once nobody writes to an image, all copies have all of its log, and no file needs a check. */
    void awaitRest(String name) throws InterruptedException {
        Image image = image(name);
        await("the files of " + name + " to come to rest", () -> isAtRest(image));
    }

    /** Stops all nodes once their files have all of the logs; then every file is what its log says, and nothing else. */
    void stopAndRequireFolds() throws IOException, InterruptedException {
        for (Image image : images.values()) {
            awaitRest(image.name());
        }
        for (NodeProcess node : nodes.values()) {
            assertThat(node.stop()).isZero();
        }
        for (Image image : images.values()) {
            byte[] expected = topic(image).fold();
            for (String node : image.nodes()) {
                assertThat(Files.readAllBytes(file(node, image)))
                        .as(image.name() + " on node " + node + ", and its log")
                        .isEqualTo(expected);
            }
        }
    }

    private Path file(String node, Image image) {
        return folder.resolve(node + "/data/images/" + image.id() + ".qed");
    }

    private boolean isAtRest(Image image) {
        List<JsonNode> copies =
                image.nodes().stream().map(node -> copy(node, image.name())).toList();
        long last = copies.stream()
                .mapToLong(copy -> copy.get("sequence").asLong())
                .max()
                .orElseThrow();
        boolean haveAll = copies.stream()
                .allMatch(copy -> copy.get("applied").asLong() == last
                        && copy.get("clients").isEmpty());
        return haveAll && image.nodes().stream().allMatch(node -> isClean(file(node, image)));
    }

    private static boolean isClean(Path file) {
        try (InputStream start = Files.newInputStream(file)) {
            return (start.readNBytes(FEATURES_OFFSET + 1)[FEATURES_OFFSET] & NEED_CHECK) == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        nodes.values().forEach(NodeProcess::close);
        kafka.close();
    }
}
