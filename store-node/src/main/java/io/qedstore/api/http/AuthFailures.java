package io.qedstore.api.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Counts by address who shows what nobody was given, so that trying costs time and the log stays small. Whoever shows what is right is let
 * in all the same: others may come from the same address. Safe for many threads.
 */
final class AuthFailures {
    static final int MOST = 10;
    static final long WINDOW_NANOS = 60_000_000_000L;
    private static final int MAX_ADDRESSES = 10_000;

    private final LongSupplier nanos;

    /** Guarded by itself; the eldest first. */
    private final Map<String, Count> counts = new LinkedHashMap<>();

    private static final class Count {
        final long sinceNanos;
        int failures;

        Count(long sinceNanos) {
            this.sinceNanos = sinceNanos;
        }
    }

    /** @param nanos a clock that never goes back */
    AuthFailures(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** @return for how many seconds nothing more is looked at; 0 if it may be tried again at once */
    long failed(String address) {
        synchronized (counts) {
            long now = nanos.getAsLong();
            counts.values().removeIf(count -> now - count.sinceNanos >= WINDOW_NANOS);
            if (counts.size() >= MAX_ADDRESSES && !counts.containsKey(address)) {
                counts.remove(counts.keySet().iterator().next());
            }
            Count count = counts.computeIfAbsent(address, added -> new Count(now));
            count.failures++;
            return count.failures <= MOST ? 0 : 1 + (WINDOW_NANOS - (now - count.sinceNanos)) / 1_000_000_000L;
        }
    }
}
