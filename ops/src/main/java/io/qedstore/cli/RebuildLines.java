package io.qedstore.cli;

import io.qedstore.rebuild.RebuildWatcher;
import java.io.PrintWriter;
import java.util.function.LongSupplier;

/** Says every ten seconds how far a rebuild is. One thread uses it. */
final class RebuildLines implements RebuildWatcher {
    private static final long LINE_EVERY_NANOS = 10_000_000_000L;

    private final PrintWriter err;
    private final long last;
    private final LongSupplier nanoClock;
    private long nextLine;
    private long copiedBytes;
    private long restored;

    /** @param last the event up to which the file is made */
    RebuildLines(PrintWriter err, long last, LongSupplier nanoClock) {
        this.err = err;
        this.last = last;
        this.nanoClock = nanoClock;
        this.nextLine = nanoClock.getAsLong() + LINE_EVERY_NANOS;
    }

    @Override
    public void copied(int bytes) {
        copiedBytes += bytes;
        if (isTime()) {
            err.println("rebuilding: " + HumanSize.of(copiedBytes) + " of the checkpoint");
        }
    }

    @Override
    public void at(Step step, long sequence) {
        if (step == Step.RESTORED) {
            restored = sequence;
        }
        if (step == Step.APPLIED && isTime()) {
            err.println("rebuilding: event " + sequence + " of " + last);
        }
    }

    /** The event of the checkpoint that the rebuild began with; 0 if it began with the log's first. */
    long restored() {
        return restored;
    }

    private boolean isTime() {
        boolean isTime = nanoClock.getAsLong() - nextLine >= 0;
        if (isTime) {
            nextLine += LINE_EVERY_NANOS;
        }
        return isTime;
    }
}
