package io.qedstore.dev;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.qedstore.config.ConfigException;
import io.qedstore.config.NodeConfig;
import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import io.qedstore.node.Node;
import io.qedstore.qed.file.DurableFile;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brokers and nodes, all in one folder and, but for the brokers, in this process. What the folder holds from a run before is there
 * again. The first node takes the default ports where they are free.
 */
public final class DevCluster implements Closeable {
    private static final int NBD_PORT = 10809;
    private static final int API_PORT = 10810;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final EmbeddedKafka kafka;
    private final List<DevNode> nodes = new ArrayList<>();
    private final List<Node> running = new ArrayList<>();

    /** A node that runs. */
    public record DevNode(String id, String api, String nbd, String dataDir) {}

    /** What stands in {@code endpoints.json}. */
    public record Endpoints(String kafka, List<DevNode> nodes) {
        public Endpoints {
            nodes = List.copyOf(nodes);
        }
    }

    private DevCluster(EmbeddedKafka kafka) {
        this.kafka = kafka;
    }

    /**
     * Starts everything and returns once it serves.
     *
     * @param brokers 1 or 3
     * @param fresh whether it begins with nothing
     */
    public static DevCluster start(Path folder, int nodes, int brokers, boolean fresh)
            throws IOException, InterruptedException {
        if (fresh) {
            DevFolder.clear(folder);
        }
        Files.createDirectories(folder);
        Path kafkaFolder = folder.resolve(DevFolder.KAFKA);
        EmbeddedKafkaSettings settings =
                brokers == 1 ? EmbeddedKafkaSettings.one(kafkaFolder) : EmbeddedKafkaSettings.three(kafkaFolder);
        DevCluster cluster = new DevCluster(EmbeddedKafka.start(settings));
        boolean started = false;
        try {
            for (int number = 1; number <= nodes; number++) {
                cluster.startNode(folder, number);
            }
            cluster.tell(folder);
            started = true;
            return cluster;
        } finally {
            if (!started) {
                cluster.close();
            }
        }
    }

    private void startNode(Path folder, int number) throws IOException, InterruptedException {
        String id = "node-" + number;
        Map<String, String> ports = new HashMap<>();
        if (number == 1 && isFree(NBD_PORT) && isFree(API_PORT)) {
            ports.put("nbd.listen", "127.0.0.1:" + NBD_PORT);
            ports.put("api.listen", "127.0.0.1:" + API_PORT);
        }
        Path file = NodeFile.write(folder.resolve(id), id, kafka.bootstrapServers(), ports);
        NodeConfig config;
        try {
            config = NodeConfig.load(file, List.of());
        } catch (ConfigException e) {
            throw new IOException("node " + id + " cannot be configured: " + e.problems(), e);
        }
        Node node = Node.start(config);
        running.add(node);
        nodes.add(new DevNode(
                id,
                node.endpoints().api().value(),
                node.endpoints().nbd().value(),
                config.dataDir().toString()));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private void tell(Path folder) throws IOException {
        DurableFile.replace(folder.resolve(DevFolder.ENDPOINTS), JSON.writeValueAsBytes(endpoints()));
    }

    public Endpoints endpoints() {
        return new Endpoints(kafka.bootstrapServers(), nodes);
    }

    /** Ends the nodes in order, and then the brokers. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Node node : running) {
            try {
                node.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        running.clear();
        kafka.close();
        if (failure != null) {
            throw failure;
        }
    }
}
