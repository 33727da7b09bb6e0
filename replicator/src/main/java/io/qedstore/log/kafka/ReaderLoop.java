package io.qedstore.log.kafka;

import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import io.qedstore.log.kafka.TopicWatch.Extent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads many logs with one consumer.
 *
 * <p>A log is among the consumer's partitions from its first read until nobody has read it for a while, or the brokers say that
 * there is no such topic: the consumer would ask for it again and again. It is fetched while a read waits for it, and ahead,
 * as far as the settings allow. The consumer keeps its position: only a read from elsewhere than where the last one ended
 * is a seek.
 *
 * <p>A read is answered only when the topic's id was asked for not long before: after a seek, since the seek. If the position
 * is not in the log, the brokers are asked where the log begins and ends, and the read fails with what they say.
 *
 * <p>Used by the reader's thread alone, except where it says otherwise. It is long because each step looks at the same
 * partitions and the same consumer.
 */
final class ReaderLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ReaderLoop.class);
    private static final long LONGEST_POLL_NANOS = Duration.ofMillis(500).toNanos();
    private static final long SHORTEST_POLL_NANOS = Duration.ofMillis(1).toNanos();

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final KafkaSettings settings;
    private final ReaderSettings readers;
    private final String clientId;
    private final TopicWatch watch;
    private final Executor here;

    private final Map<String, ReadPartition> partitions = new HashMap<>();
    private Set<TopicPartition> assigned = Set.of();
    private @Nullable KafkaConsumer<byte[], ByteBuffer> consumer;
    private volatile @Nullable KafkaConsumer<byte[], ByteBuffer> polling;

    /** @param submit runs a task in the reader's thread, or says that there is no more of it */
    ReaderLoop(KafkaSettings settings, String clientId, TopicWatch watch, Function<Runnable, Boolean> submit) {
        this.settings = settings;
        this.readers = settings.readers();
        this.clientId = clientId;
        this.watch = watch;
        this.here = task -> {
            if (!submit.apply(task)) {
                LOG.debug("{} is closed and has no use for an answer", clientId);
            }
        };
    }

    void add(Read read) {
        String topic = read.name().topic();
        partitions
                .computeIfAbsent(topic, made -> new ReadPartition(made, readers))
                .reads()
                .add(read);
    }

    void distrust(LogName name) {
        ReadPartition partition = partitions.get(name.topic());
        if (partition != null) {
            partition.sight().distrust();
        }
    }

    /** By any thread. */
    void interruptPoll() {
        KafkaConsumer<byte[], ByteBuffer> busy = polling;
        if (busy != null) {
            busy.wakeup();
        }
    }

    /**
     * Does what there is to do, and waits a little for records.
     *
     * @param interrupted whether not to wait
     * @return false if there will be nothing to do before a task comes
     */
    boolean step(BooleanSupplier interrupted) {
        long now = System.nanoTime();
        partitions.values().removeIf(partition -> isOver(partition, now));
        if (partitions.isEmpty()) {
            closeConsumer();
            return false;
        }
        KafkaConsumer<byte[], ByteBuffer> open = opened();
        position(open);
        answer(open);
        position(open);
        if (assigned.isEmpty()) {
            // What is left waits for the brokers to say what is wrong with it.
            return false;
        }
        askForIds();
        fetchWhatIsWanted(open, partitions.values(), readers.readAheadBytes());
        poll(open, interrupted);
        answer(open);
        return true;
    }

    private boolean isOver(ReadPartition partition, long now) {
        return !partition.isExamined()
                && (partition.isIdle(now, readers.idle().toNanos())
                        || (partition.reads().isEmpty() && !partition.isPositioned()));
    }

    private KafkaConsumer<byte[], ByteBuffer> opened() {
        KafkaConsumer<byte[], ByteBuffer> open = consumer;
        if (open == null) {
            open = new KafkaConsumer<>(
                    ClientConfigs.consumer(settings, clientId),
                    new ByteArrayDeserializer(),
                    new ByteBufferDeserializer());
            consumer = open;
        }
        return open;
    }

    /** Moves each log to where its first read wants to begin. */
    private void position(KafkaConsumer<byte[], ByteBuffer> open) {
        List<ReadPartition> moved = new ArrayList<>();
        for (ReadPartition partition : partitions.values()) {
            Read first = partition.reads().peek();
            if (first != null
                    && !partition.isExamined()
                    && (!partition.isAt(first.position()) || partition.isOldFor(first))) {
                partition.moveTo(first.position(), System.nanoTime());
                partition.sight().distrust();
                moved.add(partition);
            }
        }
        Set<TopicPartition> positioned = partitions.values().stream()
                .filter(ReadPartition::isPositioned)
                .map(ReadPartition::partition)
                .collect(Collectors.toSet());
        if (!positioned.equals(assigned)) {
            open.assign(positioned);
            assigned = positioned;
        }
        for (ReadPartition partition : moved) {
            seek(open, partition.partition(), partition.next());
        }
    }

    /** With the leader's epoch: without it, another history would be read on in silence. */
    private static void seek(KafkaConsumer<byte[], ByteBuffer> open, TopicPartition partition, LogPosition position) {
        Optional<Integer> epoch = position.leaderEpoch().isPresent()
                ? Optional.of(position.leaderEpoch().getAsInt())
                : Optional.empty();
        open.seek(partition, new OffsetAndMetadata(position.nextOffset(), epoch, ""));
    }

    private void askForIds() {
        long now = System.nanoTime();
        Map<String, ReadPartition> due = new HashMap<>();
        partitions.forEach((topic, partition) -> {
            if (partition.sight().isDue(now)) {
                partition.sight().asked(now);
                due.put(topic, partition);
            }
        });
        if (!due.isEmpty()) {
            watch.ids(due.keySet(), (topic, id, error) -> here.execute(() -> answered(due, topic, id, error)));
        }
    }

    private static void answered(
            Map<String, ReadPartition> due, String topic, @Nullable TopicId id, @Nullable Throwable error) {
        ReadPartition partition = due.get(topic);
        Throwable failure = partition == null ? null : partition.sight().answered(id, error, System.nanoTime());
        if (partition != null && failure != null) {
            letGo(partition, failure);
        }
    }

    /** What is paused is the consumer's to know: it outlasts a position that was lost. */
    static void fetchWhatIsWanted(
            Consumer<byte[], ByteBuffer> open, Collection<ReadPartition> partitions, long readAheadBytes) {
        boolean hasRoom = aheadBytes(partitions) < readAheadBytes;
        Set<TopicPartition> paused = open.paused();
        List<TopicPartition> pause = new ArrayList<>();
        List<TopicPartition> resume = new ArrayList<>();
        for (ReadPartition partition : partitions) {
            if (!partition.isPositioned()) {
                continue;
            }
            boolean wanted =
                    partition.reads().isEmpty() ? hasRoom && isKnownToGoOn(open, partition) : !partition.holdsRecords();
            if (wanted == paused.contains(partition.partition())) {
                (wanted ? resume : pause).add(partition.partition());
            }
        }
        if (!pause.isEmpty()) {
            open.pause(pause);
        }
        if (!resume.isEmpty()) {
            open.resume(resume);
        }
    }

    /** What nobody has asked for yet. */
    private static long aheadBytes(Collection<ReadPartition> partitions) {
        return partitions.stream()
                .filter(partition -> partition.reads().isEmpty())
                .mapToLong(ReadPartition::heldBytes)
                .sum();
    }

    /** What comes to the end of a log later is fetched when it is asked for: the end that was seen ahead would be an old one. */
    private static boolean isKnownToGoOn(Consumer<byte[], ByteBuffer> open, ReadPartition partition) {
        return open.currentLag(partition.partition()).orElse(0) > 0;
    }

    private void poll(KafkaConsumer<byte[], ByteBuffer> open, BooleanSupplier interrupted) {
        try {
            polling = open;
            Duration wait = interrupted.getAsBoolean() ? Duration.ZERO : timeToNextAnswer();
            ConsumerRecords<byte[], ByteBuffer> records = open.poll(wait);
            for (TopicPartition of : records.partitions()) {
                ReadPartition partition = partitions.get(of.topic());
                if (partition != null) {
                    partition.hold(records.records(of), System.nanoTime());
                }
            }
        } catch (WakeupException e) {
            LOG.trace("a task waits for {}", clientId, e);
        } catch (OffsetOutOfRangeException e) {
            e.offsetOutOfRangePartitions().keySet().forEach(of -> examine(of, e));
        } catch (KafkaException e) {
            failNamed(e);
        } finally {
            polling = null;
        }
    }

    private Duration timeToNextAnswer() {
        long now = System.nanoTime();
        long wait = LONGEST_POLL_NANOS;
        for (ReadPartition partition : partitions.values()) {
            wait = Math.min(wait, partition.sight().nanosToQuestion(now));
            Read first = partition.reads().peek();
            if (first != null && isAnsweredInTime(partition, now)) {
                wait = Math.min(wait, partition.waitingSince(first) + waitNanos(partition) - now);
            }
        }
        return Duration.ofNanos(Math.max(wait, SHORTEST_POLL_NANOS));
    }

    /** Whether nothing but time is missing. What the brokers are asked for comes in by a task, which ends the poll. */
    private static boolean isAnsweredInTime(ReadPartition partition, long now) {
        return partition.sight().isFresh(now) && !partition.isExamined() && !partition.isAskedForEnd();
    }

    /** How long a read waits for records: less if others wait behind it. */
    private long waitNanos(ReadPartition partition) {
        return partition.reads().size() > 1
                ? 2 * readers.fetchWait().toNanos()
                : readers.readWait().toNanos();
    }

    private void answer(KafkaConsumer<byte[], ByteBuffer> open) {
        long now = System.nanoTime();
        boolean keepsRest = aheadBytes(partitions.values()) < readers.readAheadBytes();
        // A callback that reads again comes in by a task, not here.
        for (ReadPartition partition : partitions.values()) {
            while (answerFirst(open, partition, now, keepsRest)) {
                partition.used(now);
            }
        }
    }

    /** @return whether the first read was answered, and there may be another to answer */
    private boolean answerFirst(
            KafkaConsumer<byte[], ByteBuffer> open, ReadPartition partition, long now, boolean keepsRest) {
        Read first = partition.reads().peek();
        if (first == null
                || !partition.isAt(first.position())
                || !partition.sight().isFresh(now)) {
            return false;
        }
        Optional<LogException> objection = partition.sight().objection(first);
        if (objection.isPresent()) {
            partition.reads().remove();
            partition.losePosition();
            first.fail(objection.get());
            return false;
        }
        long waited = now - partition.waitingSince(first);
        if (!partition.holdsRecords() && waited < waitNanos(partition)) {
            if (partition.wantsEnd(first)) {
                askForEnd(partition, first);
            }
            return false;
        }
        OptionalLong lag = open.currentLag(partition.partition());
        if (partition.holdsRecords()) {
            partition.reads().remove();
            first.answer(partition.handOut(Math.max(lag.orElse(0), 0), keepsRest));
        } else if (lag.isPresent() && lag.getAsLong() >= 0) {
            partition.reads().remove();
            first.answer(partition.empty(lag.getAsLong()));
        } else {
            askForEnd(partition, first);
            return false;
        }
        return true;
    }

    /**
     * Of a read that does not wait; or where a seek has made the consumer miss where the log ends now, for brokers do not tell
     * it twice.
     */
    private void askForEnd(ReadPartition partition, Read read) {
        if (partition.isAskedForEnd()) {
            return;
        }
        partition.setAskedForEnd(true);
        extent(partition.partition(), read, found -> LostPosition.isLost(read, found))
                .whenComplete((extent, failure) -> here.execute(() -> {
                    partition.setAskedForEnd(false);
                    if (isForSightToSay(partition, failure)) {
                        return;
                    }
                    if (extent != null && extent.end() > read.position().nextOffset() && partition.wantsEnd(read)) {
                        partition.setNotAtEnd(read);
                        return;
                    }
                    if (partition.holdsRecords() || !partition.reads().remove(read)) {
                        return;
                    }
                    if (extent == null || LostPosition.isLost(read, extent)) {
                        partition.losePosition();
                        read.fail(LostPosition.of(read, extent, failure));
                    } else {
                        partition.used(System.nanoTime());
                        read.answer(new LogBatch(List.of(), extent.end()));
                    }
                }));
    }

    /** How far a log reaches; where that is going to end its image, it is made sure first that it is this read's log. */
    private CompletionStage<Extent> extent(TopicPartition partition, Read read, Predicate<Extent> endsImage) {
        return watch.extent(partition)
                .thenCompose(found -> found.topicId().equals(read.topicId()) && endsImage.test(found)
                        ? watch.again(partition, found)
                        : CompletableFuture.completedStage(found));
    }

    /** Asks why a position is not in its log. */
    private void examine(TopicPartition of, OffsetOutOfRangeException error) {
        ReadPartition partition = partitions.get(of.topic());
        if (partition == null || partition.isExamined()) {
            return;
        }
        partition.losePosition();
        Read first = partition.reads().peek();
        if (first == null) {
            return;
        }
        partition.setExamined(true);
        extent(of, first, found -> true)
                .whenComplete((extent, failure) -> here.execute(() -> {
                    partition.setExamined(false);
                    if (isForSightToSay(partition, failure)) {
                        return;
                    }
                    if (!partition.reads().remove(first)) {
                        return;
                    }
                    first.fail(
                            error instanceof LogTruncationException diverged && extent != null
                                    ? LostPosition.diverged(first, diverged, of, extent)
                                    : LostPosition.of(first, extent, failure == null ? error : failure));
                }));
    }

    /** One broker may not know a topic yet, or no more: whether it is there is found out by asking again. */
    private static boolean isForSightToSay(ReadPartition partition, @Nullable Throwable failure) {
        boolean unknown = failure != null && KafkaErrors.isMissing(failure);
        if (unknown) {
            partition.sight().doubt(System.nanoTime());
        }
        return unknown;
    }

    /** Kafka says in words only which log an error is about. */
    private void failNamed(KafkaException error) {
        List<ReadPartition> named = partitions.values().stream()
                .filter(partition -> String.valueOf(error.getMessage())
                        .contains(partition.partition().topic()))
                .toList();
        if (named.isEmpty()) {
            LOG.warn("{} failed, and all that it reads", clientId, error);
            reset(KafkaErrors.of("read", error));
        }
        named.forEach(partition -> letGo(partition, error));
    }

    /** The consumer asks for it no more, unless it is read again. */
    private static void letGo(ReadPartition partition, Throwable error) {
        partition.losePosition();
        failReads(partition, KafkaErrors.of("read " + partition.partition().topic(), error));
    }

    /** Fails all and begins anew. */
    void reset(LogException cause) {
        List<ReadPartition> all = new ArrayList<>(partitions.values());
        partitions.clear();
        try {
            closeConsumer();
        } finally {
            all.forEach(partition -> failReads(partition, cause));
        }
    }

    private static void failReads(ReadPartition partition, LogException cause) {
        List<Read> reads = new ArrayList<>(partition.reads());
        partition.reads().clear();
        reads.forEach(read -> read.fail(cause));
    }

    private void closeConsumer() {
        KafkaConsumer<byte[], ByteBuffer> open = consumer;
        consumer = null;
        assigned = Set.of();
        if (open != null) {
            try {
                open.close(CloseOptions.timeout(CLOSE_TIMEOUT));
            } catch (KafkaException e) {
                LOG.warn("could not close the consumer {} in order", clientId, e);
            }
        }
    }
}
