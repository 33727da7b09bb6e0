package io.qedstore.device.limit;

import io.qedstore.device.Throttle;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests begin in the order in which they came, as fast as {@link DeviceLimits} allow. The first that waits has a timer;
 * no thread waits with it. Everything is guarded by this object's monitor, but for what says otherwise; turns are run outside
 * of it.
 */
final class RateThrottle implements Throttle {
    private final ScheduledExecutorService timer;
    private final LongSupplier nanoTime;
    private @Nullable TokenBucket requests;
    private @Nullable TokenBucket bytes;

    /** Bytes of those that wait, in their order. */
    private final Map<Runnable, Long> waiting = new LinkedHashMap<>();

    private @Nullable Future<?> wakeUp;
    private boolean ended;

    /** Nobody is held back; read without the monitor. */
    private volatile boolean open = true;

    RateThrottle(ScheduledExecutorService timer, LongSupplier nanoTime) {
        this.timer = timer;
        this.nanoTime = nanoTime;
    }

    /** Other limits from now on, also for those that wait. */
    void limits(DeviceLimits limits) {
        synchronized (this) {
            long now = nanoTime.getAsLong();
            requests = bucket(requests, limits.requests().orElse(null), now);
            bytes = bucket(bytes, limits.bytes().orElse(null), now);
            open = ended || (requests == null && bytes == null);
            cancelWakeUp();
        }
        proceed();
    }

    private static @Nullable TokenBucket bucket(@Nullable TokenBucket before, @Nullable Rate rate, long now) {
        if (rate == null) {
            return null;
        }
        return before == null ? TokenBucket.full(rate, now) : before.with(rate, now);
    }

    /** Holds nobody back any more, whatever the limits: the device is about to end. */
    void end() {
        synchronized (this) {
            ended = true;
            open = true;
            cancelWakeUp();
        }
        proceed();
    }

    private void cancelWakeUp() {
        if (wakeUp != null) {
            wakeUp.cancel(false);
            wakeUp = null;
        }
    }

    @Override
    public boolean tryBegin(long lengthBytes) {
        if (open) {
            return true;
        }
        synchronized (this) {
            return waiting.isEmpty() && take(lengthBytes) == 0;
        }
    }

    /** Counts a request if it may begin now; else how long it has to wait. */
    private long take(long lengthBytes) {
        if (open) {
            return 0;
        }
        long now = nanoTime.getAsLong();
        long nanos = Math.max(
                requests == null ? 0 : requests.nanosUntil(1, now),
                bytes == null ? 0 : bytes.nanosUntil(lengthBytes, now));
        if (nanos == 0 && requests != null) {
            requests.take(1);
        }
        if (nanos == 0 && bytes != null) {
            bytes.take(lengthBytes);
        }
        return nanos;
    }

    @Override
    public void begin(long lengthBytes, Runnable turn) {
        synchronized (this) {
            waiting.put(turn, lengthBytes);
        }
        proceed();
    }

    @Override
    public void withdraw(Runnable turn) {
        synchronized (this) {
            boolean first =
                    !waiting.isEmpty() && waiting.keySet().iterator().next().equals(turn);
            waiting.remove(turn);
            if (!first) {
                return;
            }
            cancelWakeUp();
        }
        proceed();
    }

    private void proceed() {
        List<Runnable> turns = new ArrayList<>();
        synchronized (this) {
            if (wakeUp != null) {
                return; // the first one's time has not come
            }
            Iterator<Map.Entry<Runnable, Long>> all = waiting.entrySet().iterator();
            while (all.hasNext() && wakeUp == null) {
                Map.Entry<Runnable, Long> next = all.next();
                long nanos = take(next.getValue());
                if (nanos == 0 || !wakeUpIn(nanos)) {
                    turns.add(next.getKey());
                    all.remove();
                }
            }
        }
        turns.forEach(Runnable::run);
    }

    /** False if there is no timer any more: nobody is held back then, rather than for ever. */
    private boolean wakeUpIn(long nanos) {
        try {
            wakeUp = timer.schedule(this::wokenUp, nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (RejectedExecutionException e) {
            ended = true;
            open = true;
            return false;
        }
    }

    private void wokenUp() {
        synchronized (this) {
            wakeUp = null;
        }
        proceed();
    }
}
