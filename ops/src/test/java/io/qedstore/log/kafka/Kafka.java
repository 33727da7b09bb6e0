package io.qedstore.log.kafka;

import io.qedstore.event.ImageId;
import io.qedstore.kafka.TestKafka;
import io.qedstore.log.LogException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What others may do to a log, and shorthands for what tests do to all. */
final class Kafka {
    /** As the shared broker's logs are kept here: without the disk, for speed. */
    static final LogSettings FAST = new LogSettings(1, 1, LogDurability.PAGE_CACHE);

    private Kafka() {}

    static KafkaSettings shared() throws IOException, InterruptedException {
        return KafkaSettings.of("test", TestKafka.bootstrapServers());
    }

    static LogName newName() {
        return LogName.of(new ImageId(UUID.randomUUID()));
    }

    /** A name that falls on a lane. */
    static LogName newName(int lane, int lanes) {
        while (true) {
            LogName name = newName();
            if (ProducerLanes.laneOf(name, lanes) == lane) {
                return name;
            }
        }
    }

    static KafkaEventLog newLog(KafkaLogs logs) throws LogException {
        return newLog(logs, newName());
    }

    static KafkaEventLog newLog(KafkaLogs logs, LogName name) throws LogException {
        logs.create(name, FAST);
        return logs.open(name, FAST);
    }

    static Admin admin(KafkaSettings settings) {
        return Admin.create(Map.of("bootstrap.servers", settings.connection().get("bootstrap.servers")));
    }

    static void set(KafkaSettings settings, LogName name, String setting, String value)
            throws ExecutionException, InterruptedException {
        Map<ConfigResource, Collection<AlterConfigOp>> change = Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, name.topic()),
                List.of(new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET)));
        try (Admin admin = admin(settings)) {
            admin.incrementalAlterConfigs(change).all().get();
        }
    }

    /** A record of somebody who should not write here. */
    static void writeForeign(KafkaSettings settings, LogName name) throws ExecutionException, InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", settings.connection().get("bootstrap.servers")),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(name.topic(), 0, null, new byte[] {1}))
                    .get();
        }
    }
}
