package io.qedstore.cli;

import io.qedstore.rebuild.RebuildWatcher;
import java.io.PrintWriter;
import java.util.function.LongSupplier;

/** Says every ten seconds how far a rebuild is. One thread uses it. */
final class RebuildLines implements RebuildWatcher {
    private static final long LINE_EVERY_NANOS = 10_000_000_000L;

    private final PrintWriter err;
    private final LongSupplier nanoClock;
    private long nextLine;
    private long most;
    private long copiedBytes;
    private long restored;

    RebuildLines(PrintWriter err, LongSupplier nanoClock) {
        this.err = err;
        this.nanoClock = nanoClock;
        this.nextLine = nanoClock.getAsLong() + LINE_EVERY_NANOS;
    }

    @Override
    public void begun(long mostEvents) {
        most = mostEvents;
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
            err.println("rebuilding: event " + sequence + " of " + most);
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
