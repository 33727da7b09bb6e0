package io.qedstore.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/** Writes the data of a topic's records into a file with Kafka's own consumer, and nothing around it. */
final class ConsumedFile {
    private ConsumedFile() {}

    /** The data are what stands at the end of a record: so the file comes to be the one that a fold makes. */
    static void consume(
            String bootstrapServers, String topic, long records, int pieceBytes, Path path, long syncEveryBytes)
            throws IOException {
        Map<String, Object> configs = new HashMap<>();
        configs.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
        TopicPartition partition = new TopicPartition(topic, 0);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                KafkaConsumer<ByteBuffer, ByteBuffer> consumer =
                        new KafkaConsumer<>(configs, new ByteBufferDeserializer(), new ByteBufferDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long at = 0;
            long unsynced = 0;
            for (long seen = 0; seen < records; ) {
                for (ConsumerRecord<ByteBuffer, ByteBuffer> record : consumer.poll(Duration.ofSeconds(1))) {
                    seen++;
                    ByteBuffer value = record.value();
                    if (value.remaining() >= pieceBytes) {
                        value.position(value.limit() - pieceBytes);
                        while (value.hasRemaining()) {
                            int count = file.write(value, at);
                            at += count;
                            unsynced += count;
                        }
                    }
                    if (unsynced >= syncEveryBytes) {
                        file.force(false);
                        unsynced = 0;
                    }
                }
            }
            file.force(false);
        }
    }
}
