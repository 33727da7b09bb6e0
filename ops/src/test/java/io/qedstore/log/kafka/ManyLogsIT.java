package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.EventLog.Appender;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a node with many images costs. */
@Tag("kafka")
@Tag("once") // on one JDK
class ManyLogsIT {
    private static final int LOGS = 300;
    private static final int ROUNDS = 20;

    /** The deliberate bug: a producer for each log. */
    @Test
    void threeHundredLogsTakeFewThreadsAndBoundedMemory() throws Exception {
        KafkaSettings settings = Kafka.shared().with(ProducerSettings.standard().withImages(LOGS, 150));
        int threadsBefore = Thread.activeCount();
        try (KafkaLogs logs = KafkaLogs.connect(settings)) {
            List<KafkaEventLog> all = new ArrayList<>();
            List<Appender> appenders = new ArrayList<>();
            for (int i = 0; i < LOGS; i++) {
                all.add(Kafka.newLog(logs));
            }
            long memoryBefore = residentKibibytes();
            List<Appends> appends = new ArrayList<>();
            for (KafkaEventLog log : all) {
                appenders.add(log.newAppender());
                appends.add(new Appends());
            }
            long start = System.nanoTime();
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < LOGS; i++) {
                    appends.get(i).append(appenders.get(i), 4096);
                }
            }
            for (Appends each : appends) {
                each.await().assertContiguousFrom(0);
            }
            long appended = System.nanoTime();
            List<CompletableFuture<LogBatch>> reads =
                    all.stream().map(log -> Reads.start(log, LogPosition.START)).toList();
            for (CompletableFuture<LogBatch> read : reads) {
                assertThat(Reads.await(read).endOffset()).isEqualTo(ROUNDS);
            }
            long read = System.nanoTime();
            int threads = Thread.activeCount() - threadsBefore;
            long memory = residentKibibytes() - memoryBefore;
            System.out.printf(
                    "%d logs: %d appends in %d ms, all read in %d ms, %d threads and %d MiB more%n",
                    LOGS,
                    LOGS * ROUNDS,
                    (appended - start) / 1_000_000,
                    (read - appended) / 1_000_000,
                    threads,
                    memory >> 10);
            // For each lane a thread of ours and one of Kafka's, the readers, and the admin client.
            assertThat(threads)
                    .isLessThanOrEqualTo(2 * settings.producers().lanes()
                            + settings.readers().readers()
                            + 2);
            assertThat(memory).isLessThan(300L << 10);
            appenders.forEach(Appender::close);
        }
    }

    private static long residentKibibytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
