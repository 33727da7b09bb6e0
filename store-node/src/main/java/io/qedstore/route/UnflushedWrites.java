package io.qedstore.route;

/**
 * Counts changes that were answered, and those of them that a flush behind them made durable. Not safe for many threads by itself.
 */
final class UnflushedWrites {
    private long answered;
    private long flushed;

    void answered() {
        answered++;
    }

    /** What a flush that begins now makes durable. */
    long mark() {
        return answered;
    }

    void flushed(long mark) {
        flushed = Math.max(flushed, mark);
    }

    boolean isNone() {
        return flushed == answered;
    }
}
