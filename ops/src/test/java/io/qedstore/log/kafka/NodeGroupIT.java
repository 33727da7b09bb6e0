package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.NodeId;
import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import io.qedstore.log.LogException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is there, as each node hears it. */
@Tag("once") // on one JDK
class NodeGroupIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");

    /** What one node hears, in its order. */
    private static final class Heard extends LinkedBlockingQueue<Set<NodeId>> {
        private static final long serialVersionUID = 1;

        void await(Set<NodeId> expected) throws InterruptedException {
            Set<NodeId> last = Set.of();
            while (!last.equals(expected)) {
                Set<NodeId> next = poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(next).as("what follows " + last).isNotNull();
                last = next;
            }
        }
    }

    private static KafkaLogs connect(NodeId node, EmbeddedKafka kafka) throws LogException {
        return KafkaLogs.connect(KafkaSettings.of(node.value(), kafka.bootstrapServers()));
    }

    @Test
    void eachHearsWhoComesAndWhoLeaves(@TempDir Path folder) throws Exception {
        Heard byA = new Heard();
        Heard byB = new Heard();
        try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.one(folder));
                KafkaLogs ofA = connect(A, kafka);
                KafkaLogs ofB = connect(B, kafka)) {
            ofA.create(LogName.CATALOG, Kafka.FAST);
            try (NodeGroup a = ofA.join(byA::add)) {
                byA.await(Set.of(A));
                try (NodeGroup b = ofB.join(byB::add)) {
                    byB.await(Set.of(A, B));
                    byA.await(Set.of(A, B));
                    assertThat(a.members()).contains(Set.of(A, B));
                    assertThat(b.members()).contains(Set.of(A, B));
                }
                byA.await(Set.of(A));
            }
        }
    }
}
