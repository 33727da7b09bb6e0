package io.qedstore.log.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** The settings of Kafka's clients. */
final class ClientConfigs {
    private static final int MAX_REQUEST_BYTES = LogSettings.MAX_MESSAGE_BYTES + (64 << 10);
    private static final int MAX_IN_FLIGHT = 5;
    private static final int REQUEST_TIMEOUT_MS = 30_000;
    private static final int READER_TIMEOUT_MS = 10_000;
    /** Batches are bounded by bytes. */
    private static final int MAX_POLL_RECORDS = 1_000_000;

    private ClientConfigs() {}

    static Map<String, Object> admin(KafkaSettings settings) {
        Map<String, Object> configs = common(settings, "admin");
        int timeoutMs = Math.toIntExact(settings.adminTimeout().toMillis());
        configs.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMs);
        configs.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, timeoutMs);
        return configs;
    }

    /**
     * Of one lane.
     *
     * <p>The client cannot wait for memory: {@link LaneBudget} lets no more than the buffer holds come to it.
     */
    static Map<String, Object> producer(KafkaSettings settings, String what) {
        ProducerSettings producers = settings.producers();
        Map<String, Object> configs = common(settings, what);
        configs.put(ProducerConfig.ACKS_CONFIG, "all");
        configs.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        configs.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, MAX_IN_FLIGHT);
        configs.put(ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE);
        // A lone record goes at once; behind records under way a queue forms by itself.
        configs.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        configs.put(ProducerConfig.BATCH_SIZE_CONFIG, producers.batchBytes());
        configs.put(ProducerConfig.BUFFER_MEMORY_CONFIG, (long) producers.bufferBytes());
        configs.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        configs.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, producers.compression());
        configs.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, producers.longestWait().toMillis());
        int deliveryMs = Math.toIntExact(producers.deliveryTimeout().toMillis());
        configs.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, deliveryMs);
        configs.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(REQUEST_TIMEOUT_MS, deliveryMs));
        return configs;
    }

    static Map<String, Object> consumer(KafkaSettings settings, String what) {
        ReaderSettings readers = settings.readers();
        Map<String, Object> configs = common(settings, what);
        configs.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        configs.put(ConsumerConfig.CHECK_CRCS_CONFIG, true);
        configs.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        configs.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        configs.put(
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                Math.toIntExact(readers.fetchWait().toMillis()));
        configs.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, readers.fetchBytes());
        // Brokers cut off in the middle of a record, and send it again: the more at once, the less of that.
        long atOnce = Math.min(readers.fetchBytes(), 2L * readers.batchBytes());
        configs.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Math.toIntExact(atOnce));
        configs.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
        configs.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
        configs.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, READER_TIMEOUT_MS);
        configs.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, READER_TIMEOUT_MS);
        return configs;
    }

    private static Map<String, Object> common(KafkaSettings settings, String what) {
        Map<String, Object> configs = new HashMap<>(settings.connection());
        configs.put(CommonClientConfigs.CLIENT_ID_CONFIG, "qedstore-" + settings.node() + "-" + what);
        configs.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        // Half a minute of silence after a broker came back would be long for a guest.
        configs.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000L);
        return configs;
    }
}
