package io.qedstore.bench;

import io.qedstore.event.ImageId;
import io.qedstore.log.LogException;
import io.qedstore.log.TopicId;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.LogName;
import io.qedstore.log.kafka.LogSettings;
import io.qedstore.log.kafka.ProducerSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Topics as logs have them, written by Kafka's own producers with the settings of a lane, and nothing around them. The values
 * are there before, and as much data as the events are made of: one array again and again would never leave the cache.
 */
final class BareTopics implements Appending {
    private final KafkaLogs logs;
    private final byte[][] values;
    private final Map<LogName, TopicId> topics = new HashMap<>();
    private final List<LogName> names = new ArrayList<>();
    private final List<KafkaProducer<byte[], byte[]>> producers = new ArrayList<>();
    private int next;

    /** @param valueBytes of each record: as many as an event has */
    BareTopics(KafkaLogs logs, String bootstrapServers, LogSettings kept, int number, int valueBytes)
            throws LogException {
        this.logs = logs;
        this.values = new byte[RandomData.ALL_BYTES / valueBytes][];
        Arrays.setAll(values, i -> RandomData.bytes(valueBytes));
        ProducerSettings lanes = ProducerSettings.standard();
        int wanted = Math.min(number, (lanes.images() + lanes.imagesPerLane() - 1) / lanes.imagesPerLane());
        for (int i = 0; i < wanted; i++) {
            producers.add(new KafkaProducer<>(
                    configs(bootstrapServers, lanes), new ByteArraySerializer(), new ByteArraySerializer()));
        }
        for (int i = 0; i < number; i++) {
            LogName name = LogName.of(new ImageId(UUID.randomUUID()));
            topics.put(name, logs.create(name, kept));
            names.add(name);
            producer(i).partitionsFor(name.topic());
        }
    }

    private static Map<String, Object> configs(String bootstrapServers, ProducerSettings lane) {
        Map<String, Object> configs = new HashMap<>();
        configs.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        configs.put(ProducerConfig.ACKS_CONFIG, "all");
        configs.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        configs.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        configs.put(ProducerConfig.BATCH_SIZE_CONFIG, lane.batchBytes());
        configs.put(ProducerConfig.BUFFER_MEMORY_CONFIG, (long) lane.bufferBytes());
        configs.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LogSettings.MAX_MESSAGE_BYTES);
        return configs;
    }

    private KafkaProducer<byte[], byte[]> producer(int number) {
        return producers.get(number % producers.size());
    }

    @Override
    public void append(int number, Done done) {
        byte[] value = values[next];
        next = (next + 1) % values.length;
        Future<RecordMetadata> unused = producer(number)
                .send(new ProducerRecord<>(names.get(number).topic(), 0, null, value), (metadata, error) -> {
                    if (error == null) {
                        done.acknowledged();
                    } else {
                        done.failed(error);
                    }
                });
    }

    /** Deletes the topics. */
    @Override
    public void close() throws LogException {
        producers.forEach(producer -> producer.close(Duration.ZERO));
        for (Map.Entry<LogName, TopicId> topic : topics.entrySet()) {
            logs.delete(topic.getKey(), topic.getValue());
        }
    }
}
