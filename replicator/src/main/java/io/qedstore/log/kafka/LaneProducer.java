package io.qedstore.log.kafka;

import io.qedstore.log.LogException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of Kafka's producers, with the appenders that share it, from its making to the day it is given up.
 *
 * <p>Everything that may wait is done by the lane's thread, in {@link #work}: making the producer, and making it see topics. The
 * lock of this object is taken under an appender's lock, never the other way round.
 */
final class LaneProducer {
    private static final Logger LOG = LoggerFactory.getLogger(LaneProducer.class);

    private final ProducerSettings settings;
    private final String clientId;
    private final Maker maker;
    private final ProducerLane lane;
    private final Executor closers;

    private volatile @Nullable Producer<byte[], byte[]> kafka;
    private volatile @Nullable Thread kafkaThread;

    private final LaneBudget budget;
    private final Set<KafkaAppender> appenders = new LinkedHashSet<>();
    private final Set<KafkaAppender> waitingForSight = new LinkedHashSet<>();
    private final Set<KafkaAppender> waitingForRoom = new LinkedHashSet<>();
    private final Set<KafkaAppender> refused = new LinkedHashSet<>();
    private boolean givenUp;

    /** Kafka's client has lost sight of a topic: whoever sends may have to wait for it. */
    private volatile boolean shortSighted;

    /** Makes one of Kafka's producers. */
    @FunctionalInterface
    interface Maker {
        Producer<byte[], byte[]> make(String clientId);
    }

    LaneProducer(ProducerSettings settings, String clientId, Maker maker, ProducerLane lane, Executor closers) {
        this.settings = settings;
        this.clientId = clientId;
        this.maker = maker;
        this.lane = lane;
        this.closers = closers;
        this.budget = new LaneBudget(settings);
    }

    /** @return whether it is still in use */
    synchronized boolean add(KafkaAppender appender) {
        if (givenUp) {
            return false;
        }
        appenders.add(appender);
        waitingForSight.add(appender);
        lane.wake();
        return true;
    }

    synchronized void remove(KafkaAppender appender) {
        appenders.remove(appender);
        waitingForSight.remove(appender);
        waitingForRoom.remove(appender);
        refused.remove(appender);
    }

    /** A broker has refused a record of an appender, which is to hear what becomes of those behind it. */
    synchronized void refusedOne(KafkaAppender appender) {
        if (refused.add(appender)) {
            lane.wake();
        }
    }

    /**
     * Takes room for a record of an appender. If there is none, or others have waited longer, the appender is asked to send
     * again when there is.
     *
     * @param isKafkaThread whether Kafka's own thread asks, which must not wait: while it calls back, what it has sent is still
     *     in the buffer, and only it can find a topic again
     */
    synchronized boolean takeRoom(
            KafkaAppender appender, LaneBudget.Share share, int recordBytes, boolean isKafkaThread) {
        boolean turn = lane.isThread() || (waitingForRoom.isEmpty() && !(isKafkaThread && shortSighted));
        int spareBytes = isKafkaThread ? LogSettings.MAX_MESSAGE_BYTES : 0;
        if (turn && budget.take(share, recordBytes, spareBytes)) {
            return true;
        }
        waitingForRoom.add(appender);
        if (!turn || isKafkaThread) {
            lane.wake();
        }
        return false;
    }

    synchronized void giveRoom(LaneBudget.Share share, int recordBytes) {
        budget.giveBack(share, recordBytes);
        if (!waitingForRoom.isEmpty()) {
            lane.wake();
        }
    }

    /** A record was not taken. */
    void notTaken(Exception error) {
        shortSighted |= error instanceof TimeoutException;
    }

    /** Does not throw; the record's callback is called, once. */
    void send(LogName name, Send send) {
        send.sentBy(Thread.currentThread());
        Producer<byte[], byte[]> producer = kafka;
        try {
            if (producer == null) {
                throw new IllegalStateException("the producer is not there yet");
            }
            Future<RecordMetadata> unused =
                    producer.send(new ProducerRecord<>(name.topic(), 0, null, send.takeRecord()), send);
            send.sentBy(null);
        } catch (RuntimeException e) {
            // Whether the record was taken is not known.
            send.sentBy(null);
            send.onCompletion(null, e);
        }
    }

    /** @param thread the producer's own */
    void calledBackBy(Thread thread) {
        kafkaThread = thread;
    }

    /** Closes the producer at once and fails all that is under way in it. */
    void giveUp(@Nullable KafkaAppender culprit, LogException cause) {
        List<KafkaAppender> all;
        synchronized (this) {
            if (givenUp) {
                return;
            }
            givenUp = true;
            all = new ArrayList<>(appenders);
            appenders.clear();
            waitingForSight.clear();
            waitingForRoom.clear();
            refused.clear();
        }
        lane.gaveUp(this);
        // The cause is settled first: what is under way fails by itself when the producer closes, and would name no
        // cause.
        for (KafkaAppender appender : all) {
            appender.abandon(culprit == null || appender == culprit ? cause : shared(appender, cause));
        }
        close();
        if (culprit != null) {
            LOG.warn("gave up the producer {} of {} logs: {}", clientId, all.size(), cause.getMessage());
        }
        all.forEach(KafkaAppender::report);
    }

    private static LogException shared(KafkaAppender appender, LogException cause) {
        return new LogException.Unavailable(
                "cannot append to " + appender.name() + ": its producer was given up for the sake of another log ("
                        + cause.getMessage() + ")",
                cause);
    }

    private void close() {
        Producer<byte[], byte[]> producer = kafka;
        if (producer == null) {
            return;
        }
        if (Thread.currentThread() == kafkaThread) {
            close(producer);
        } else {
            // It waits for the producer's thread, which may wait for a lock of the caller's.
            closers.execute(() -> close(producer));
        }
    }

    private void close(Producer<byte[], byte[]> producer) {
        try {
            producer.close(Duration.ZERO);
        } catch (KafkaException e) {
            LOG.warn("could not close the producer {} in order", clientId, e);
        }
    }

    /**
     * By the lane's thread alone.
     *
     * @return whether something is left that has to be tried again soon
     */
    boolean work(boolean renew) {
        Producer<byte[], byte[]> producer = opened();
        if (producer == null) {
            return false;
        }
        for (KafkaAppender appender : taken(waitingForSight)) {
            look(producer, appender, true);
            sendWaiting();
        }
        sendWaiting();
        if (renew) {
            for (KafkaAppender appender : snapshot(appenders)) {
                look(producer, appender, false);
            }
        }
        endWhatStands();
        synchronized (this) {
            return !waitingForSight.isEmpty() || !refused.isEmpty();
        }
    }

    /** Kafka's client does not come to an end with all that lies behind a record that was refused. */
    private void endWhatStands() {
        for (KafkaAppender appender : snapshot(refused)) {
            Duration since = appender.failedAndNotTold();
            if (since.isZero()) {
                synchronized (this) {
                    refused.remove(appender);
                }
            } else if (since.compareTo(settings.longestStand()) > 0) {
                giveUp(
                        appender,
                        new LogException.Unavailable("cannot append to " + appender.name()
                                + ": nothing was heard for " + since.toMillis()
                                + " ms of what lay behind a record that a broker refused"));
            }
        }
    }

    private void sendWaiting() {
        for (KafkaAppender appender : taken(waitingForRoom)) {
            appender.sendAll();
        }
    }

    private synchronized List<KafkaAppender> taken(Set<KafkaAppender> waiting) {
        List<KafkaAppender> all = snapshot(waiting);
        waiting.clear();
        return all;
    }

    private synchronized List<KafkaAppender> snapshot(Set<KafkaAppender> some) {
        return new ArrayList<>(some);
    }

    private @Nullable Producer<byte[], byte[]> opened() {
        synchronized (this) {
            if (givenUp) {
                return null;
            }
        }
        Producer<byte[], byte[]> producer = kafka;
        if (producer != null) {
            return producer;
        }
        try {
            producer = maker.make(clientId);
        } catch (KafkaException e) {
            giveUp(null, KafkaErrors.of("make the producer " + clientId, e));
            return null;
        }
        kafka = producer;
        synchronized (this) {
            if (!givenUp) {
                return producer;
            }
        }
        close(producer);
        return null;
    }

    /** Makes the producer see a topic: it forgets those that it has not seen for five minutes. */
    private void look(Producer<byte[], byte[]> producer, KafkaAppender appender, boolean first) {
        if (appender.isOver()) {
            return;
        }
        try {
            producer.partitionsFor(appender.name().topic());
            shortSighted = false;
            if (first) {
                appender.sighted();
            }
        } catch (TimeoutException e) {
            if (first) {
                lookAgain(appender, e);
            }
        } catch (KafkaException e) {
            if (first) {
                appender.notSighted(KafkaErrors.of("append to " + appender.name(), e));
            }
        } catch (IllegalStateException e) {
            LOG.debug("the producer {} was given up meanwhile", clientId, e);
        }
    }

    private void lookAgain(KafkaAppender appender, TimeoutException e) {
        if (appender.isOlderThan(settings.deliveryTimeout())) {
            appender.notSighted(KafkaErrors.of("append to " + appender.name(), e));
            return;
        }
        synchronized (this) {
            if (appenders.contains(appender)) {
                waitingForSight.add(appender);
            }
        }
    }
}
