package io.qedstore.device.limit;

/**
 * What may be done at once of something, which grows with time up to the burst of its {@link Rate}. Who takes more than the
 * burst leaves a debt. Used by one thread at a time.
 */
final class TokenBucket {
    private static final double NANOS_IN_SECOND = 1e9;

    private final Rate rate;
    private double tokens;
    private long filledAtNanos;

    private TokenBucket(Rate rate, double tokens, long nowNanos) {
        this.rate = rate;
        this.tokens = tokens;
        this.filledAtNanos = nowNanos;
    }

    static TokenBucket full(Rate rate, long nowNanos) {
        return new TokenBucket(rate, (double) rate.burst(), nowNanos);
    }

    /** Another rate from now on; as full as before, or as deep in debt. */
    TokenBucket with(Rate other, long nowNanos) {
        fill(nowNanos);
        return new TokenBucket(other, tokens / rate.burst() * other.burst(), nowNanos);
    }

    private void fill(long nowNanos) {
        double more = (nowNanos - filledAtNanos) * (rate.perSecond() / NANOS_IN_SECOND);
        tokens = Math.min((double) rate.burst(), tokens + more);
        filledAtNanos = nowNanos;
    }

    /** How long it takes until so much may be taken; 0 if it may be now. */
    long nanosUntil(long amount, long nowNanos) {
        fill(nowNanos);
        double missing = Math.min(amount, rate.burst()) - tokens;
        return missing <= 0 ? 0 : Math.max(1, (long) Math.ceil(missing * (NANOS_IN_SECOND / rate.perSecond())));
    }

    void take(long amount) {
        tokens -= amount;
    }
}
