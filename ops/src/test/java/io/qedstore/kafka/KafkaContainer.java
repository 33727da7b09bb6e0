package io.qedstore.kafka;

import com.github.dockerjava.api.command.InspectContainerResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * A broker in a container, with the settings of an {@link EmbeddedKafka}.
 *
 * <p>A broker must tell clients under which port of this machine they find it, and that is known only once the container
 * runs: so the image waits for its properties, which are copied then.
 */
final class KafkaContainer extends GenericContainer<KafkaContainer> {
    private static final String IMAGE = System.getProperty("qedstore.kafka.image", "qedstore/kafka:test");
    private static final int PORT = 9092;
    private static final int CONTROLLER_PORT = 9093;
    private static final String PROPERTIES = "/etc/kafka/server.properties";

    private KafkaContainer() {
        super(DockerImageName.parse(IMAGE));
        withExposedPorts(PORT);
        waitingFor(Wait.forLogMessage(".*Kafka Server started.*", 1).withStartupTimeout(Duration.ofMinutes(2)));
    }

    /** Starts one, which ends with this JVM, and says where clients find it. */
    static String startUntilExit() {
        KafkaContainer container = new KafkaContainer();
        Runtime.getRuntime().addShutdownHook(new Thread(container::stop, "stop-kafka"));
        container.start();
        return container.address();
    }

    private String address() {
        return getHost() + ":" + getMappedPort(PORT);
    }

    @Override
    protected void containerIsStarting(InspectContainerResponse information) {
        Path data = Path.of("/var/lib/kafka");
        SortedMap<Integer, BrokerPorts> ports = new TreeMap<>(Map.of(1, new BrokerPorts(PORT, CONTROLLER_PORT)));
        Map<String, String> properties = BrokerProperties.of(EmbeddedKafkaSettings.one(data), ports, 1, data);
        properties.put("listeners", "BROKER://0.0.0.0:" + PORT + ",CONTROLLER://127.0.0.1:" + CONTROLLER_PORT);
        properties.put("advertised.listeners", "BROKER://" + address());
        StringBuilder text = new StringBuilder();
        properties.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        text.append("# complete\n"); // a file can be seen while it is still written
        copyFileToContainer(Transferable.of(text.toString()), PROPERTIES);
    }
}
