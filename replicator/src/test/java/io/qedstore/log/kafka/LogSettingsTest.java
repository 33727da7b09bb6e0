package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.ImageId;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LogSettingsTest {
    @Test
    void oneBrokerHasRecordsOnItsDisk() {
        assertThat(TopicConfigs.of(LogSettings.ofOneBroker()))
                .containsEntry("flush.messages", "1")
                .containsEntry("min.insync.replicas", "1");
    }

    @Test
    void threeBrokersDoNotWaitForTheirDisks() {
        assertThat(TopicConfigs.of(LogSettings.ofThreeBrokers()))
                .doesNotContainKey("flush.messages")
                .containsEntry("min.insync.replicas", "2");
    }

    @Test
    void moreReplicasInSyncThanThereAreAreRefused() {
        assertThatThrownBy(() -> new LogSettings(1, 2, LogDurability.FSYNC))
                .hasMessage("min.insync.replicas of 2; from 1 to the replication factor, which is 1");
    }

    @Test
    void whatOneBrokerHasIsNotReplicated() {
        assertThatThrownBy(() -> new LogSettings(3, 1, LogDurability.REPLICATED))
                .hasMessageContaining("min.insync.replicas of 1 with the durability replicated; 2 at least");
        assertThat(new LogSettings(3, 1, LogDurability.PAGE_CACHE).minInsyncReplicas())
                .isEqualTo(1);
    }

    @Test
    void noReplicasAndTinySegmentsAreRefused() {
        assertThatThrownBy(() -> new LogSettings(0, 0, LogDurability.FSYNC)).hasMessageContaining("1 or more");
        assertThatThrownBy(() -> new LogSettings(1, 1, LogDurability.FSYNC, 1 << 20))
                .hasMessageContaining("twice the largest record");
    }

    @Test
    void whatOrderHangsOnIsNotTakenFromTheConnection() {
        KafkaSettings settings = KafkaSettings.of("a", "localhost:1");
        assertThatThrownBy(() -> new KafkaSettings(
                        "a",
                        Map.of("bootstrap.servers", "localhost:1", "acks", "1"),
                        settings.producers(),
                        settings.readers(),
                        settings.adminTimeout()))
                .hasMessageStartingWith("the Kafka setting acks cannot be set");
        assertThatThrownBy(() -> new KafkaSettings(
                        "a", Map.of(), settings.producers(), settings.readers(), settings.adminTimeout()))
                .hasMessageContaining("name one broker at least");
    }

    @Test
    void onlyTheNamesOfTheConnectionAreShown() {
        assertThat(KafkaSettings.known())
                .contains("bootstrap.servers", "sasl.jaas.config", "ssl.keystore.password")
                .doesNotContain("acks", "retries");
        assertThat(KafkaSettings.of("a", Map.of("bootstrap.servers", "localhost:1", "sasl.jaas.config", "hunter2"))
                        .toString())
                .contains("node=a, connection=[bootstrap.servers, sasl.jaas.config]")
                .doesNotContain("hunter2");
    }

    @Test
    void timesAndSizesAreChecked() {
        ProducerSettings producers = ProducerSettings.standard();
        assertThatThrownBy(() -> producers.withBatchBytes(3 << 20)).hasMessageContaining("batches of 3145728 bytes");
        assertThatThrownBy(() -> new ProducerSettings(
                        1, 1, 1 << 20, 8 << 20, Duration.ofMinutes(1), Duration.ofSeconds(1), "none"))
                .hasMessageContaining("a buffer of 8388608 bytes");
        assertThatThrownBy(() -> producers.withDeliveryTimeout(Duration.ofMillis(10)))
                .hasMessageContaining("to the delivery timeout");
        assertThatThrownBy(() -> producers.withImages(0, 1)).hasMessageContaining("1 or more");
        assertThatThrownBy(() -> ReaderSettings.standard().withReadWait(Duration.ZERO))
                .hasMessageContaining("a read wait of");
        assertThatThrownBy(() -> ReaderSettings.standard().withReaders(0)).hasMessageContaining("1 or more");
    }

    @Test
    void namesOfLogsAreThoseOfTheirImages() {
        ImageId image = new ImageId(UUID.fromString("0199a1b2-0000-7000-8000-00000000000a"));
        assertThat(LogName.of(image)).hasToString("qedstore.log.0199a1b2-0000-7000-8000-00000000000a");
        assertThat(LogName.of(image).image()).contains(image);
        assertThat(LogName.CATALOG.image()).isEmpty();
        assertThat(new LogName("qedstore.log.0199A1B2-0000-7000-8000-00000000000a").image())
                .isEmpty();
        assertThat(new LogName("qedstore.log.0199a1b2-0000-7000-8000-0000000000zz").image())
                .isEmpty();
        assertThat(new LogName("qedstore.log.1-1-1-1-1").image()).isEmpty();
    }
}
