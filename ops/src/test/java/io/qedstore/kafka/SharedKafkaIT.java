package io.qedstore.kafka;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What every test may expect of its broker, be it a process or a container. */
@Tag("kafka")
class SharedKafkaIT {
    private static final int MEBIBYTE = 1 << 20;

    private Records records = new Records("");

    @BeforeEach
    void start() throws IOException, InterruptedException {
        records = new Records(TestKafka.bootstrapServers());
    }

    @Test
    void whatIsWrittenIsRead() throws ExecutionException, InterruptedException, TimeoutException {
        String topic = TestKafka.newTopicName();
        records.create(topic, 1);
        records.write(topic, "a", "b", "c");
        assertThat(records.read(topic)).containsExactly("a", "b", "c");
    }

    @Test
    void recordsOfUpToTwoMebibytesAreTaken() throws ExecutionException, InterruptedException, TimeoutException {
        String topic = TestKafka.newTopicName();
        records.create(topic, 1);
        String large = "x".repeat(2 * MEBIBYTE - 1024);
        records.write(topic, large);
        assertThatThrownBy(() -> records.write(topic, "x".repeat(2 * MEBIBYTE)))
                .hasCauseInstanceOf(RecordTooLargeException.class);
        assertThat(records.read(topic)).containsExactly(large);
    }

    @Test
    void noTopicComesToBeByAccident() throws ExecutionException, InterruptedException {
        String topic = TestKafka.newTopicName();
        try (Admin admin = records.admin()) {
            assertThatThrownBy(() ->
                            admin.describeTopics(List.of(topic)).allTopicNames().get())
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
            assertThat(value(admin, "auto.create.topics.enable")).isEqualTo("false");
        }
    }

    @Test
    void noLeaderIsElectedThatMayHaveLostRecords() throws ExecutionException, InterruptedException {
        try (Admin admin = records.admin()) {
            assertThat(value(admin, "unclean.leader.election.enable")).isEqualTo("false");
        }
    }

    private static String value(Admin admin, String setting) throws ExecutionException, InterruptedException {
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
        Config config = requireNonNull(
                admin.describeConfigs(List.of(broker)).all().get().get(broker));
        return config.get(setting).value();
    }
}
