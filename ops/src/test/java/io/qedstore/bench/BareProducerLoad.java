package io.qedstore.bench;

import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.KafkaSettings;
import io.qedstore.log.kafka.LogDurability;
import io.qedstore.log.kafka.LogSettings;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Brokers for a benchmark of others, and Kafka's own producer on them when it is asked for: so that it is as warm as those are that
 * it is compared with. Ends when its input does.
 *
 * <p>Arguments: a folder, the number of brokers, and the durability. It first prints {@code kafka HOST:PORT,...}. Then it reads
 * lines: {@code topic BYTES} makes a new topic in the place of the one before, whose records are as long as events with so much
 * data; {@code run DEPTH SECONDS} answers with records per second, MB of data per second, and the median in microseconds from the
 * call to the callback.
 */
final class BareProducerLoad {
    /** As much as fio may write in one run. */
    private static final long MAX_BYTES = 512L << 20;

    private static final int TIMES = 1 << 20;

    private BareProducerLoad() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        boolean many = Integer.parseInt(arguments[1]) == 3;
        LogDurability durability =
                LogDurability.valueOf(arguments[2].replace('-', '_').toUpperCase(Locale.ROOT));
        LogSettings kept = new LogSettings(many ? 3 : 1, many ? 2 : 1, durability);
        EmbeddedKafkaSettings settings = many ? EmbeddedKafkaSettings.three(folder) : EmbeddedKafkaSettings.one(folder);
        try (EmbeddedKafka kafka = EmbeddedKafka.start(settings.with("log.segment.delete.delay.ms", "1000"));
                KafkaLogs logs = KafkaLogs.connect(KafkaSettings.of("bare", kafka.bootstrapServers()));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("kafka " + kafka.bootstrapServers());
            serve(
                    in,
                    pieceBytes -> new BareTopics(
                            logs, kafka.bootstrapServers(), kept, 1, LogVersusKafka.eventBytes(pieceBytes)));
        }
    }

    /** Makes a topic. */
    private interface Topics {
        Appending ofPieces(int pieceBytes) throws Exception;
    }

    private static void serve(BufferedReader in, Topics topics) throws Exception {
        Appending topic = null;
        int pieceBytes = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("topic")) {
                if (topic != null) {
                    topic.close();
                }
                pieceBytes = Integer.parseInt(words[1]);
                topic = topics.ofPieces(pieceBytes);
                System.out.println("made");
            } else if (topic != null && words[0].equals("run")) {
                System.out.println(run(topic, pieceBytes, Integer.parseInt(words[1]), Double.parseDouble(words[2])));
            } else {
                throw new IllegalArgumentException("'" + line + "', expected topic BYTES and then run DEPTH SECONDS");
            }
        }
        if (topic != null) {
            topic.close();
        }
    }

    private static String run(Appending to, int pieceBytes, int depth, double seconds) throws Exception {
        Semaphore room = new Semaphore(depth);
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        long[] nanos = new long[TIMES];
        int count = 0;
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        while (System.nanoTime() < end && (long) count * pieceBytes < MAX_BYTES && failure.get() == null) {
            room.acquire();
            int place = count % TIMES;
            long called = System.nanoTime();
            to.append(0, new Appending.Done() {
                @Override
                public void acknowledged() {
                    nanos[place] = System.nanoTime() - called;
                    room.release();
                }

                @Override
                public void failed(Exception cause) {
                    failure.set(cause);
                    room.release();
                }
            });
            count++;
        }
        room.acquire(depth);
        double took = (System.nanoTime() - start) / 1e9;
        Exception cause = failure.get();
        if (cause != null) {
            throw cause;
        }
        long[] sorted = Arrays.copyOf(nanos, Math.min(count, TIMES));
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%.1f %.2f %.1f",
                count / took,
                (double) count * pieceBytes / took / 1e6,
                sorted[sorted.length / 2] / 1e3);
    }
}
