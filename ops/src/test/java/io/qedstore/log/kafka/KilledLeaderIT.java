package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.TestKafka;
import io.qedstore.log.EventLog.Appender;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers, of which the log's leader dies. */
@Tag("once") // on one JDK
class KilledLeaderIT {
    private static final LogSettings THREE = LogSettings.ofThreeBrokers();
    private static final int BYTES = 4 << 10;
    private static final int UNDER_WAY = 100;

    /** The deliberate bugs: a producer without idempotence; the same with acks=1. */
    @Test
    void nothingIsLostAndNothingChangesItsPlace(@TempDir Path folder) throws Exception {
        try (EmbeddedKafka kafka = TestKafka.threeBrokers(folder);
                KafkaLogs logs = KafkaLogs.connect(KafkaSettings.of("test", kafka.bootstrapServers()))) {
            assertThat(logs.checkCluster(THREE)).isEmpty();
            LogName name = Kafka.newName();
            logs.create(name, THREE);
            KafkaEventLog log = logs.open(name, THREE);
            LogPosition half = LogPosition.START;
            try (Appender appender = log.newAppender()) {
                Appends appends = new Appends().append(appender, BYTES, 200).await();
                half = LogPosition.after(last(Reads.all(log, LogPosition.START)));
                int leader = leader(logs, kafka, name);
                for (int round = 0; round < 60; round++) {
                    appends.append(appender, BYTES, UNDER_WAY);
                    if (round == 20) {
                        kafka.kill(leader);
                    }
                    while (appends.waiting() > 5 * UNDER_WAY) {
                        Thread.onSpinWait();
                    }
                }
                appends.await().assertContiguousFrom(0);
            }
            List<StoredRecord> records = Reads.all(log, half);
            assertThat(Reads.offsets(records))
                    .containsExactlyElementsOf(
                            LongStream.range(200, 6200).boxed().toList());
            assertThat(Reads.numbers(records)).isSorted();
            assertThat(records.get(0).leaderEpoch().getAsInt())
                    .isLessThan(last(records).leaderEpoch().getAsInt());
            // The epoch of before is an old one now, and the position is good all the same.
            assertThat(Reads.all(log, half)).hasSize(6000);
        }
    }

    private static StoredRecord last(List<StoredRecord> records) {
        return records.get(records.size() - 1);
    }

    private static int leader(KafkaLogs logs, EmbeddedKafka kafka, LogName name) throws Exception {
        assertThat(logs.find(name)).isPresent();
        try (Admin admin = Kafka.admin(KafkaSettings.of("test", kafka.bootstrapServers()))) {
            return admin.describeTopics(List.of(name.topic()))
                    .allTopicNames()
                    .get()
                    .values()
                    .iterator()
                    .next()
                    .partitions()
                    .get(0)
                    .leader()
                    .id();
        }
    }
}
