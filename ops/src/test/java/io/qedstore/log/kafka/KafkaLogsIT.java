package io.qedstore.log.kafka;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Making, finding, checking and deleting logs. */
@Tag("kafka")
class KafkaLogsIT {
    private static final LogSettings ASKED = LogSettings.ofOneBroker();

    private final KafkaSettings settings = Kafka.shared();
    private final LogName name = Kafka.newName();
    private final KafkaLogs logs = KafkaLogs.connect(settings);

    KafkaLogsIT() throws IOException, InterruptedException {}

    @AfterEach
    void close() {
        logs.close();
    }

    @Test
    void everySettingIsTheTopicsOwn() throws Exception {
        logs.create(name, ASKED);
        try (Admin admin = Kafka.admin(settings)) {
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name.topic());
            Config config = requireNonNull(
                    admin.describeConfigs(List.of(topic)).all().get().get(topic));
            TopicConfigs.of(ASKED).forEach((setting, value) -> {
                assertThat(config.get(setting).value()).as(setting).isEqualTo(value);
                assertThat(config.get(setting).isDefault()).as(setting).isFalse();
            });
        }
        assertThat(logs.check(name, ASKED)).isEmpty();
    }

    @Test
    void aLogIsFoundUntilItIsDeleted() throws LogException {
        assertThat(logs.find(name)).isEmpty();
        TopicId id = logs.create(name, ASKED);
        assertThat(logs.find(name)).contains(id);
        assertThat(logs.open(name, ASKED).topicId()).isEqualTo(id);
        assertThat(logs.images()).contains(name.image().orElseThrow());
        logs.delete(name, id);
        assertThat(logs.find(name)).isEmpty();
        assertThat(logs.images()).doesNotContain(name.image().orElseThrow());
        assertThatThrownBy(() -> logs.open(name, ASKED)).isInstanceOf(LogException.Missing.class);
        assertThatThrownBy(() -> logs.delete(name, id)).isInstanceOf(LogException.Missing.class);
    }

    @Test
    void thereIsOneLogOfAName() throws LogException {
        TopicId id = logs.create(name, ASKED);
        assertThatThrownBy(() -> logs.create(name, ASKED))
                .isInstanceOf(LogException.AlreadyExists.class)
                .hasMessageContaining(name.topic());
        assertThat(logs.find(name)).contains(id);
    }

    @Test
    void anotherTopicOfTheNameIsNotDeleted() throws LogException {
        TopicId id = logs.create(name, ASKED);
        assertThatThrownBy(() -> logs.delete(name, new TopicId(UUID.randomUUID())))
                .isInstanceOf(LogException.Recreated.class);
        assertThat(logs.find(name)).contains(id);
    }

    @ParameterizedTest
    @CsvSource({
        "cleanup.policy, compact",
        "retention.ms, 604800000",
        "retention.bytes, 1000000",
        "unclean.leader.election.enable, true",
        "message.timestamp.type, CreateTime",
        "max.message.bytes, 1048588",
        "min.insync.replicas, 2",
        "flush.messages, 1000",
    })
    void aLogThatCouldLoseRecordsIsNotOpened(String setting, String value) throws Exception {
        logs.create(name, ASKED);
        logs.open(name, ASKED);
        Kafka.set(settings, name, setting, value);
        assertThatThrownBy(() -> logs.open(name, ASKED))
                .isInstanceOf(LogException.Refused.class)
                .hasMessageContaining(setting + " is " + value)
                .hasMessageContaining("set " + setting + " to ");
    }

    @Test
    void aLogThatIsOnlySlowIsOpened() throws Exception {
        logs.create(name, ASKED);
        Kafka.set(settings, name, "compression.type", "lz4");
        assertThat(logs.check(name, ASKED)).hasSize(1);
        logs.open(name, ASKED);
    }

    @Test
    void aTopicThatSomebodyElseMadeIsNotOpened() throws ExecutionException, InterruptedException {
        try (Admin admin = Kafka.admin(settings)) {
            admin.createTopics(
                            List.of(new NewTopic(name.topic(), 2, (short) 1).configs(Map.of("retention.ms", "1000"))))
                    .all()
                    .get();
        }
        assertThatThrownBy(() -> logs.open(name, LogSettings.ofThreeBrokers()))
                .isInstanceOf(LogException.Refused.class)
                .hasMessageContaining("partitions is 2, expected 1")
                .hasMessageContaining("replication factor is 1, expected 3")
                .hasMessageContaining("retention.ms is 1000, expected -1");
    }

    @Test
    void theCatalogIsALogLikeOthers() throws Exception {
        if (logs.find(LogName.CATALOG).isEmpty()) {
            logs.create(LogName.CATALOG, ASKED);
        }
        KafkaEventLog catalog = logs.open(LogName.CATALOG, ASKED);
        long end = catalog.range().endOffset();
        try (EventLog.Appender appender = catalog.newAppender()) {
            new Appends().append(appender, 10, 3).await().assertContiguousFrom(end);
        }
        assertThat(Reads.all(catalog, LogPosition.START)).hasSize((int) end + 3);
    }

    @Test
    void theClusterIsGoodEnoughForOneBroker() throws LogException {
        assertThat(logs.checkCluster(ASKED)).isEmpty();
        assertThat(logs.checkCluster(LogSettings.ofThreeBrokers()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.found()).isEqualTo("1"));
    }

    @Test
    void brokersThatAreNotThereAreNamed() throws LogException {
        KafkaSettings wrong = KafkaSettings.of("test", "127.0.0.1:1").withAdminTimeout(Duration.ofSeconds(1));
        try (KafkaLogs none = KafkaLogs.connect(wrong)) {
            assertThatThrownBy(() -> none.find(name)).isInstanceOf(LogException.Unavailable.class);
        }
    }
}
