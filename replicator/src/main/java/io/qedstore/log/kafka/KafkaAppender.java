package io.qedstore.log.kafka;

import io.qedstore.log.EventLog;
import io.qedstore.log.EventLog.AppendCallback;
import io.qedstore.log.LogException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;

/**
 * Appends to one log, by a producer that other logs use as well.
 *
 * <p>Results are reported in the order of the records, and after a failure there are failures only: what Kafka says of later
 * records does not count, whether they come to be in the log or not. After a failure nothing more is taken.
 *
 * <p>If a record fails that the producer had taken, or {@link #close} finds some under way, the producer is given up, at once
 * and with all that is under way in it: other appenders on the same lane fail then, too, and have to be closed and replaced,
 * as after a failure of their own.
 *
 * <p>Two kinds of failure cost this appender alone. One is a record that the producer did not take (too large, or the topic is
 * not to be seen). The other is one that a broker refuses for its topic's sake. The producer then begins new sequence numbers,
 * and sends what it holds of this log behind that record all the same; of other logs, it lets what is under way come to its end
 * with the old ones first. So their order and their places stay, and here the failure is told when nothing is under way any
 * more: whoever then reads the log finds all that will ever come of it. If that does not come soon, the producer is given up.
 *
 * <p>Records wait here until the producer has room for them; the caller bounds how many.
 *
 * <p>What changes is under the lock of this object. Callbacks are called without any lock, in one thread at a time: mostly the
 * producer's, or one that calls a method here.
 */
final class KafkaAppender implements EventLog.Appender {
    private final LogName name;
    private final LaneProducer producer;

    private final long madeNanos = System.nanoTime();

    private final Queue<Send> unreported = new ArrayDeque<>();
    /** The last of the unreported. */
    private final Queue<Send> unsent = new ArrayDeque<>();

    private final LaneBudget.Share underWay = new LaneBudget.Share();
    private boolean sighted;
    private boolean sending;
    private boolean reporting;
    private boolean closed;
    private @Nullable LogException broken;
    private long brokenNanos;
    private @Nullable LogException firstReported;

    KafkaAppender(LogName name, LaneProducer producer) {
        this.name = name;
        this.producer = producer;
    }

    LogName name() {
        return name;
    }

    @Override
    public void append(byte[] record, AppendCallback callback) {
        Send send = new Send(this, record, callback);
        synchronized (this) {
            unreported.add(send);
            if (broken == null && record.length > LogSettings.MAX_RECORD_BYTES) {
                broken = tooLarge(record);
            }
            if (broken == null) {
                unsent.add(send);
            } else {
                send.fail(broken);
            }
        }
        report();
        sendAll();
    }

    private LogException tooLarge(byte[] record) {
        return new LogException.Refused("cannot append to " + name + ": the record has " + record.length
                + " bytes, allowed are " + LogSettings.MAX_RECORD_BYTES + "; write it as several");
    }

    private static boolean isKafkaThread() {
        return Thread.currentThread().getName().startsWith(KafkaProducer.NETWORK_THREAD_PREFIX);
    }

    /** Gives the producer what it has room for. */
    void sendAll() {
        synchronized (this) {
            if (sending) {
                return;
            }
            sending = true;
        }
        while (true) {
            Send next;
            synchronized (this) {
                next = nextToSend();
                if (next == null) {
                    sending = false;
                    return;
                }
            }
            producer.send(name, next);
        }
    }

    private @Nullable Send nextToSend() {
        Send next = unsent.peek();
        if (next == null || !sighted) {
            return null;
        }
        if (!producer.takeRoom(this, underWay, next.recordBytes(), isKafkaThread())) {
            return null;
        }
        unsent.remove();
        next.setUnderWay(true);
        return next;
    }

    /** The producer knows the topic now. */
    void sighted() {
        synchronized (this) {
            sighted = true;
        }
        sendAll();
    }

    /** The producer does not come to know the topic. */
    void notSighted(LogException cause) {
        synchronized (this) {
            breakOff(cause);
        }
        report();
    }

    void appended(Send send, long offset) {
        synchronized (this) {
            leave(send);
            send.succeed(offset);
        }
        report();
    }

    void notTaken(Send send, Exception error) {
        producer.notTaken(error);
        synchronized (this) {
            leave(send);
            LogException cause = KafkaErrors.of("append to " + name, error);
            send.fail(cause);
            breakOff(cause);
        }
        report();
    }

    void failed(Send send, Exception error) {
        LogException cause = KafkaErrors.of("append to " + name, error);
        boolean first;
        synchronized (this) {
            leave(send);
            first = !send.isDecided();
            send.fail(cause);
            breakOff(cause);
        }
        if (isKafkaThread()) {
            producer.calledBackBy(Thread.currentThread());
        }
        if (first && KafkaErrors.isOfOneTopic(error)) {
            producer.refusedOne(this);
        } else if (first) {
            producer.giveUp(this, cause);
        }
        report();
    }

    /** The producer is given up: nothing that it says counts any more. Nobody is told yet, see {@link #report}. */
    synchronized void abandon(LogException cause) {
        breakOff(cause);
        for (Send send : unreported) {
            leave(send);
            send.fail(cause);
        }
    }

    private void leave(Send send) {
        if (send.isUnderWay()) {
            send.setUnderWay(false);
            producer.giveRoom(underWay, send.recordBytes());
        }
    }

    private void breakOff(LogException cause) {
        LogException why = broken == null ? cause : broken;
        brokenNanos = broken == null ? System.nanoTime() : brokenNanos;
        broken = why;
        unsent.forEach(send -> send.fail(why));
        unsent.clear();
    }

    /** Whether it will not send anything more. */
    boolean isOver() {
        synchronized (this) {
            return broken != null && unsent.isEmpty();
        }
    }

    /** For how long it has known of a failure that is not told, since something is under way behind it; else zero. */
    synchronized Duration failedAndNotTold() {
        return broken == null || underWay.isEmpty()
                ? Duration.ZERO
                : Duration.ofNanos(Math.max(1, System.nanoTime() - brokenNanos));
    }

    boolean isOlderThan(Duration age) {
        return System.nanoTime() - madeNanos > age.toNanos();
    }

    @Override
    public void close() {
        LogException cause = new LogException.Unavailable("the appender of " + name + " was closed");
        boolean isUnderWay;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            isUnderWay = !underWay.isEmpty();
            breakOff(cause);
        }
        if (isUnderWay) {
            producer.giveUp(this, cause);
        }
        producer.remove(this);
        report();
    }

    /** Tells what is decided. Holds no lock. */
    void report() {
        synchronized (this) {
            if (reporting) {
                return;
            }
            reporting = true;
        }
        while (true) {
            Send next;
            synchronized (this) {
                next = nextToReport();
                if (next == null) {
                    reporting = false;
                    return;
                }
            }
            next.report();
        }
    }

    private @Nullable Send nextToReport() {
        Send next = unreported.peek();
        if (next == null || !next.isDecided() || (next.failure() != null && !underWay.isEmpty())) {
            return null;
        }
        unreported.remove();
        if (firstReported != null) {
            next.spoil(firstReported);
        }
        firstReported = next.failure();
        return next;
    }
}
