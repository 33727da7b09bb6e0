package io.qedstore.faults;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The records of a log as Kafka's own clients read and append them. */
record BareLog(String bootstrapServers, String topic) {
    /** All of them, from the first on. */
    List<byte[]> read() {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "key.deserializer",
                ByteArrayDeserializer.class,
                "value.deserializer",
                ByteArrayDeserializer.class);
        TopicPartition partition = new TopicPartition(topic, 0);
        List<byte[]> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = requireNonNull(consumer.endOffsets(List.of(partition), NodesOnKafka.PATIENCE)
                    .get(partition));
            long deadline = System.nanoTime() + NodesOnKafka.PATIENCE.toNanos();
            while (consumer.position(partition, NodesOnKafka.PATIENCE) < end) {
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError("the log " + topic + " was not read to its end, record " + end);
                }
                consumer.poll(Duration.ofMillis(100)).forEach(record -> records.add(record.value()));
            }
        }
        return records;
    }

    /** Appends records, whoever owns the image. */
    void append(List<byte[]> records) throws ExecutionException, InterruptedException, TimeoutException {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "acks",
                "all",
                "max.request.size",
                4 << 20,
                "key.serializer",
                ByteArraySerializer.class,
                "value.serializer",
                ByteArraySerializer.class);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings)) {
            for (byte[] record : records) {
                producer.send(new ProducerRecord<>(topic, record))
                        .get(NodesOnKafka.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }
}
