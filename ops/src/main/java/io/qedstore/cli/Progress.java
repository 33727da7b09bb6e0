package io.qedstore.cli;

import io.qedstore.qed.copy.CopyProgress;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows on stderr how far long work is: a bar on a terminal, else a line every ten seconds. Work that is done before the
 * first ten seconds are over prints no lines. One thread uses it.
 */
final class Progress implements CopyProgress, AutoCloseable {
    private static final long LINE_EVERY_NANOS = 10_000_000_000L;
    private static final long MIB = 1 << 20;

    /** The launcher knows whether stderr is a terminal; Java finds out only from 22 on. */
    private static final String TERMINAL_PROPERTY = "qedstore.terminal";

    private final String what;
    private final PrintWriter err;
    private final LongSupplier nanoClock;
    private final @Nullable ProgressBar bar;
    private long nextLine;

    private Progress(String what, PrintWriter err, LongSupplier nanoClock, @Nullable ProgressBar bar) {
        this.what = what;
        this.err = err;
        this.nanoClock = nanoClock;
        this.bar = bar;
        this.nextLine = nanoClock.getAsLong() + LINE_EVERY_NANOS;
    }

    /**
     * Starts to show work.
     *
     * @param what the work, as a verb in its -ing form
     * @param quiet whether nothing is to be shown at all
     */
    static Progress start(String what, boolean quiet, PrintWriter err) {
        if (quiet) {
            return new Progress(what, new PrintWriter(Writer.nullWriter()), System::nanoTime, null);
        }
        boolean terminal = Boolean.getBoolean(TERMINAL_PROPERTY);
        return new Progress(what, err, System::nanoTime, terminal ? bar(what) : null);
    }

    /** Progress in lines, whatever the terminal. */
    static Progress inLines(String what, PrintWriter err, LongSupplier nanoClock) {
        return new Progress(what, err, nanoClock, null);
    }

    private static ProgressBar bar(String what) {
        return new ProgressBarBuilder()
                .setTaskName(what)
                .setUnit(" MiB", MIB)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .build();
    }

    @Override
    public void at(long doneBytes, long totalBytes) {
        if (bar != null) {
            bar.maxHint(totalBytes).stepTo(doneBytes);
        } else if (nanoClock.getAsLong() - nextLine >= 0) {
            nextLine += LINE_EVERY_NANOS;
            err.println(what + ": " + HumanSize.of(doneBytes) + " of " + HumanSize.of(totalBytes) + " ("
                    + doneBytes * 100 / Math.max(1, totalBytes) + " %)");
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
