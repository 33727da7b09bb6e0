package io.qedstore.kafka;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Topics of one partition, written and read as text. */
final class Records {
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private static final int REQUEST_MS = 3_000; // so long a paused broker is waited for

    private final String bootstrapServers;

    Records(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers, "request.timeout.ms", REQUEST_MS));
    }

    void create(String topic, int copies) throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) copies)))
                    .all()
                    .get();
        }
    }

    int leader(String topic) throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            Map<String, TopicDescription> found =
                    admin.describeTopics(List.of(topic)).allTopicNames().get();
            return requireNonNull(found.get(topic)).partitions().get(0).leader().id();
        }
    }

    /** Writes values one after the other, each acknowledged by all that are in sync. */
    void write(String topic, String... values) throws ExecutionException, InterruptedException, TimeoutException {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("acks", "all");
        settings.put("linger.ms", 0);
        settings.put("max.request.size", 4 << 20);
        settings.put("request.timeout.ms", REQUEST_MS);
        settings.put("key.serializer", StringSerializer.class);
        settings.put("value.serializer", StringSerializer.class);
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, value)).get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    /** All values, from the first on. */
    List<String> read(String topic) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "request.timeout.ms",
                REQUEST_MS,
                "key.deserializer",
                StringDeserializer.class,
                "value.deserializer",
                StringDeserializer.class);
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = requireNonNull(
                    consumer.endOffsets(List.of(partition), DEADLINE).get(partition));
            long deadline = System.nanoTime() + DEADLINE.toNanos();
            while (consumer.position(partition, DEADLINE) < end && System.nanoTime() - deadline < 0) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
