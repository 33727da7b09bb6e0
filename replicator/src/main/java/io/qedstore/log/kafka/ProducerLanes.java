package io.qedstore.log.kafka;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Which logs share a producer. A lane costs nothing before the first log appends to it. */
final class ProducerLanes {
    private static final int CLOSE_SECONDS = 30;

    private final KafkaSettings settings;
    private final int lanes;
    private final ExecutorService closers;
    private final SortedMap<Integer, ProducerLane> open = new TreeMap<>();
    private boolean closed;

    ProducerLanes(KafkaSettings settings) {
        this.settings = settings;
        this.lanes = settings.producers().lanes();
        this.closers = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "log-producer-closer");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Always the same for the same log, and as good as any other for different images. The catalog has one of its own, behind the
     * others: no image's trouble ends what the whole cluster waits for.
     */
    static int laneOf(LogName name, int lanes) {
        if (name.equals(LogName.CATALOG)) {
            return lanes;
        }
        int hash = name.topic().hashCode();
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return Math.floorMod(hash ^ (hash >>> 16), lanes);
    }

    KafkaAppender newAppender(LogName name) {
        return lane(laneOf(name, lanes)).newAppender(name);
    }

    private synchronized ProducerLane lane(int number) {
        if (closed) {
            throw new IllegalStateException("the logs of this node are closed");
        }
        return open.computeIfAbsent(number, made -> {
            ProducerLane lane = new ProducerLane(settings.producers(), made, this::newProducer, closers);
            lane.start();
            return lane;
        });
    }

    private Producer<byte[], byte[]> newProducer(String clientId) {
        return new KafkaProducer<>(
                ClientConfigs.producer(settings, clientId), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Fails all that is under way. */
    void close() {
        SortedMap<Integer, ProducerLane> all;
        synchronized (this) {
            closed = true;
            all = new TreeMap<>(open);
        }
        try {
            for (ProducerLane lane : all.values()) {
                lane.close();
            }
            closers.shutdown();
            closers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
