package io.qedstore.log.kafka;

import io.qedstore.log.LogException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place for a producer, and one after another in it.
 *
 * <p>It has a thread that does what may wait. The lock of this object guards which producer is the present one.
 */
final class ProducerLane {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerLane.class);
    private static final Duration RENEWAL = Duration.ofMinutes(1);
    private static final Duration RETRY = Duration.ofMillis(50);

    private final ProducerSettings settings;
    private final String clientId;
    private final LaneProducer.Maker maker;
    private final Executor closers;
    private final Thread thread;
    private final Semaphore wakeups = new Semaphore(0);
    private volatile boolean closed;

    private @Nullable LaneProducer present;
    private int producersMade;

    ProducerLane(ProducerSettings settings, int number, LaneProducer.Maker maker, Executor closers) {
        this.settings = settings;
        this.maker = maker;
        this.clientId = "lane-" + number;
        this.closers = closers;
        this.thread = new Thread(this::run, "log-" + clientId);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    synchronized KafkaAppender newAppender(LogName name) {
        while (true) {
            LaneProducer producer = present;
            if (producer == null) {
                producer = new LaneProducer(settings, clientId + "-" + producersMade++, maker, this, closers);
                present = producer;
            }
            KafkaAppender appender = new KafkaAppender(name, producer);
            if (closed) {
                appender.close();
                return appender;
            }
            if (producer.add(appender)) {
                return appender;
            }
            present = null;
        }
    }

    synchronized void gaveUp(LaneProducer producer) {
        if (present == producer) {
            present = null;
        }
    }

    private synchronized @Nullable LaneProducer present() {
        return present;
    }

    boolean isThread() {
        return Thread.currentThread() == thread;
    }

    /** Lets the thread look for work. */
    void wake() {
        if (wakeups.availablePermits() == 0) {
            wakeups.release();
        }
    }

    private void run() {
        long renewedNanos = System.nanoTime();
        boolean again = false;
        while (!closed) {
            try {
                if (wakeups.tryAcquire((again ? RETRY : RENEWAL).toMillis(), TimeUnit.MILLISECONDS)) {
                    wakeups.drainPermits();
                }
            } catch (InterruptedException e) {
                LOG.debug("{} was interrupted, which means nothing to it", thread.getName());
            }
            boolean renew = System.nanoTime() - renewedNanos > RENEWAL.toNanos();
            if (renew) {
                renewedNanos = System.nanoTime();
            }
            again = workSafely(renew);
        }
    }

    private boolean workSafely(boolean renew) {
        LaneProducer producer = present();
        try {
            return producer != null && producer.work(renew);
        } catch (RuntimeException e) {
            LOG.error("unexpected error in {}", thread.getName(), e);
            return true;
        }
    }

    /** Fails all that is under way. */
    void close() throws InterruptedException {
        closed = true;
        wake();
        LaneProducer producer = present();
        if (producer != null) {
            producer.giveUp(null, new LogException.Unavailable("this node's logs were closed"));
        }
        thread.join();
    }
}
