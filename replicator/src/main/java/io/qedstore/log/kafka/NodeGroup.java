package io.qedstore.log.kafka;

import io.qedstore.event.NodeId;
import java.io.Closeable;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that are there, as Kafka's group protocol has it: each is a member of one consumer group, which reads nothing. A node
 * that sends no heartbeats for some seconds is none any more, and the others hear of it. One thread of its own.
 */
public final class NodeGroup implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeGroup.class);

    static final String GROUP = "qedstore.nodes";

    /** The least that brokers allow, if nobody has told them otherwise. */
    private static final int SESSION_MS = 6000;

    private static final int HEARTBEAT_MS = 300;
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofSeconds(3);
    private static final long RETRY_MS = 1000;

    private final KafkaSettings settings;
    private final Consumer<Set<NodeId>> listener;
    private volatile Optional<Set<NodeId>> members = Optional.empty();
    private final Thread thread;

    /** Guarded by this object's monitor. */
    private KafkaConsumer<byte[], byte[]> consumer;

    private boolean closed;

    /** Of the thread. */
    private String lastFailure = "";

    private NodeGroup(KafkaSettings settings, Consumer<Set<NodeId>> listener) {
        this.settings = settings;
        this.listener = listener;
        this.consumer = newConsumer();
        this.thread = new Thread(this::run, "qedstore-nodes");
        thread.setDaemon(true);
    }

    /**
     * Joins.
     *
     * @param listener told of the members whenever they change; must not wait
     */
    static NodeGroup join(KafkaSettings settings, Consumer<Set<NodeId>> listener) {
        NodeGroup joined = new NodeGroup(settings, listener);
        joined.thread.start();
        return joined;
    }

    /** Who is there, this node among them; empty while that is not known, since this node is no member. */
    public Optional<Set<NodeId>> members() {
        return members;
    }

    private KafkaConsumer<byte[], byte[]> newConsumer() {
        Map<String, Object> configs = ClientConfigs.consumer(settings, "nodes");
        configs.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        configs.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MS);
        configs.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MS);
        configs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        configs.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, List.of(MembersAssignor.class.getName()));
        configs.put(MembersAssignor.NODE, settings.node());
        configs.put(MembersAssignor.LISTENER, (Consumer<Set<NodeId>>) this::are);
        KafkaConsumer<byte[], byte[]> made =
                new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        made.subscribe(Set.of(LogName.CATALOG.topic()), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                made.pause(partitions); // it is a member of a group, and no reader
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
        });
        return made;
    }

    private void are(Set<NodeId> now) {
        members = Optional.of(now);
        LOG.info("nodes that are there: {}", now);
        listener.accept(now);
    }

    private void run() {
        while (true) {
            KafkaConsumer<byte[], byte[]> using;
            synchronized (this) {
                if (closed) {
                    return;
                }
                using = consumer;
            }
            try {
                using.poll(POLL);
                if (using.groupMetadata().generationId() < 0) {
                    members = Optional.empty();
                }
            } catch (WakeupException e) {
                LOG.debug("the group of nodes is left", e);
            } catch (KafkaException e) {
                members = Optional.empty();
                String why = String.valueOf(e.getMessage());
                if (!why.equals(lastFailure)) {
                    LOG.warn("this node cannot be in the group of nodes now, and takes nothing over: {}", why);
                    lastFailure = why;
                }
                again(using);
            }
        }
    }

    /** After what a client does not get over. */
    private void again(KafkaConsumer<byte[], byte[]> failed) {
        failed.close(CloseOptions.timeout(CLOSE));
        try {
            Thread.sleep(RETRY_MS);
        } catch (InterruptedException e) {
            LOG.debug("nobody ends this thread but close", e);
        }
        synchronized (this) {
            if (!closed) {
                consumer = newConsumer();
            }
        }
    }

    /** Leaves, which the others hear at once. */
    @Override
    public void close() {
        KafkaConsumer<byte[], byte[]> using;
        synchronized (this) {
            closed = true;
            using = consumer;
        }
        using.wakeup();
        try {
            thread.join(POLL.plus(CLOSE).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            using.close(CloseOptions.timeout(CLOSE));
        }
    }
}
