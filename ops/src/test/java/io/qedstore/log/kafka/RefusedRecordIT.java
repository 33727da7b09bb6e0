package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import io.qedstore.log.EventLog.Appender;
import io.qedstore.log.LogException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that takes no more of one log, while others that share its producer go on. */
@Tag("once") // on one JDK
class RefusedRecordIT {
    private static final int SMALL = 1 << 10;
    private static final int LARGE = 64 << 10;
    private static final int ROUNDS = 5;

    /** Kafka's client was seen to stand still behind a refusal, once; its producer is given up then, as ProducerLaneTest has it. */
    private static final int STANDSTILLS_ALLOWED = 1;

    /** Makes the broker refuse a log's records, or take them again. */
    @FunctionalInterface
    private interface Change {
        void of(KafkaSettings settings, LogName name) throws Exception;
    }

    @Test
    void whatIsTooLargeForItsTopicCostsItsLogAlone(@TempDir Path folder) throws Exception {
        refuse(
                folder,
                (settings, name) -> Kafka.set(settings, name, "max.message.bytes", "16384"),
                (settings, name) -> Kafka.set(settings, name, "max.message.bytes", "2097152"));
    }

    @Test
    void whatIsInvalidInItsTopicCostsItsLogAlone(@TempDir Path folder) throws Exception {
        refuse(
                folder,
                (settings, name) -> Kafka.set(settings, name, "cleanup.policy", "compact"),
                (settings, name) -> Kafka.set(settings, name, "cleanup.policy", "delete"));
    }

    @Test
    void aRightThatIsTakenAwayCostsItsLogAlone(@TempDir Path folder) throws Exception {
        refuse(
                folder,
                (settings, name) -> allow(settings, name, List.of(AclOperation.READ)),
                (settings, name) -> allow(settings, name, List.of(AclOperation.WRITE)));
    }

    /** Where a rule says who may do something with a topic, nobody else may. */
    private static void allow(KafkaSettings settings, LogName name, Collection<AclOperation> operations)
            throws Exception {
        ResourcePattern topic = new ResourcePattern(ResourceType.TOPIC, name.topic(), PatternType.LITERAL);
        try (Admin admin = Kafka.admin(settings)) {
            admin.createAcls(operations.stream()
                            .map(operation -> new AclBinding(
                                    topic,
                                    new AccessControlEntry("User:ANONYMOUS", "*", operation, AclPermissionType.ALLOW)))
                            .toList())
                    .all()
                    .get();
        }
    }

    /**
     * The deliberate bugs: any failure costs the producer; a failure is told while records behind it are under way, so that
     * closing the appender costs the producer, and records come to be in the log when it was read.
     */
    private static void refuse(Path folder, Change begin, Change end) throws Exception {
        EmbeddedKafkaSettings broker = EmbeddedKafkaSettings.one(folder)
                .with("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .with("allow.everyone.if.no.acl.found", "true");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(broker)) {
            KafkaSettings settings = KafkaSettings.of("test", kafka.bootstrapServers())
                    .with(ProducerSettings.standard().withImages(1, 1));
            try (KafkaLogs logs = KafkaLogs.connect(settings)) {
                refuse(logs, settings, begin, end);
            }
        }
    }

    private static void refuse(KafkaLogs logs, KafkaSettings settings, Change begin, Change end) throws Exception {
        KafkaEventLog log = Kafka.newLog(logs);
        Appender neighbour = Kafka.newLog(logs).newAppender();
        Appends neighbours = new Appends();
        begin.of(settings, log.name());
        int refusals = 0;
        int standstills = 0;
        while (refusals < ROUNDS) {
            neighbours.append(neighbour, SMALL, 200);
            Appender appender = log.newAppender();
            Appends refused = new Appends()
                    .append(appender, SMALL, 50)
                    .append(appender, LARGE, 1)
                    .append(appender, SMALL, 300);
            neighbours.append(neighbour, SMALL, 200);
            // As soon as the first has failed.
            LogException failure = refused.awaitFailure();
            if (failure != null) {
                refusals++;
                assertThat(failure).isInstanceOf(LogException.Refused.class);
                long reached = log.range().endOffset();
                appender.close();
                neighbours.append(neighbour, SMALL, 200).await();
                if (neighbours.failures().isEmpty()) {
                    assertThat(log.range().endOffset()).isEqualTo(reached);
                } else {
                    standstills++;
                    assertThat(standstills)
                            .as(neighbours.failures().get(0).toString())
                            .isLessThanOrEqualTo(STANDSTILLS_ALLOWED);
                    neighbour.close();
                    neighbour = Kafka.newLog(logs).newAppender();
                    neighbours = new Appends();
                }
            } else {
                appender.close();
            }
        }
        end.of(settings, log.name());
        long reached = log.range().endOffset();
        Appends again = new Appends();
        do {
            try (Appender appender = log.newAppender()) {
                again = new Appends().append(appender, SMALL, 1).await();
            }
        } while (!again.failures().isEmpty());
        assertThat(again.offsets()).containsExactly(reached);
        neighbours.append(neighbour, SMALL, 1).await().assertContiguousFrom(0);
        neighbour.close();
    }
}
