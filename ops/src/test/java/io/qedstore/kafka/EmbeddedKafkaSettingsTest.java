package io.qedstore.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EmbeddedKafkaSettingsTest {
    private static final Path FOLDER = Path.of("/data/kafka");
    private static final EmbeddedKafkaSettings THREE = EmbeddedKafkaSettings.three(FOLDER);
    private static final SortedMap<Integer, BrokerPorts> PORTS = new TreeMap<>(Map.of(
            1,
            new BrokerPorts(20_001, 20_002),
            2,
            new BrokerPorts(20_003, 20_004),
            3,
            new BrokerPorts(20_005, 20_006)));

    @Test
    void wrongSettingsAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EmbeddedKafkaSettings.one(Path.of("/data/a,b")))
                .withMessageContaining("/data/a,b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EmbeddedKafkaSettings.one(FOLDER).withMinInsyncReplicas(2))
                .withMessageContaining("min.insync.replicas of 2; from 1 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> THREE.withHeapMebibytes(8))
                .withMessageContaining("a heap of 8 MiB");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> THREE.withSession(Duration.ofSeconds(3), Duration.ofSeconds(2)))
                .withMessageContaining("every 2000 ms");
    }

    @Test
    void aBrokerListensOnTheLoopbackAddressAndKnowsTheOthers() {
        Map<String, String> properties = BrokerProperties.of(THREE, PORTS, 2, FOLDER);
        assertThat(properties)
                .containsEntry("node.id", "2")
                .containsEntry("listeners", "BROKER://127.0.0.1:20003,CONTROLLER://127.0.0.1:20004")
                .containsEntry("controller.quorum.voters", "1@127.0.0.1:20002,2@127.0.0.1:20004,3@127.0.0.1:20006")
                .containsEntry("min.insync.replicas", "2")
                .containsEntry("broker.session.timeout.ms", "3000");
    }

    @Test
    void overridesWin() {
        EmbeddedKafkaSettings settings = THREE.with("num.io.threads", "9").withMinInsyncReplicas(1);
        assertThat(BrokerProperties.of(settings, PORTS, 1, FOLDER))
                .containsEntry("num.io.threads", "9")
                .containsEntry("min.insync.replicas", "1");
    }

    @Test
    void freePortsAreAllDifferent() throws Exception {
        SortedMap<Integer, BrokerPorts> ports = BrokerPorts.free(3, new SplittableRandom(1));
        assertThat(ports.values().stream().flatMap(own -> Stream.of(own.broker(), own.controller())))
                .hasSize(6)
                .doesNotHaveDuplicates()
                .allMatch(port -> port >= 20_000 && port < 32_000);
    }
}
