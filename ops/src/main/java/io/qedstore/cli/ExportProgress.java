package io.qedstore.cli;

import io.qedstore.cli.download.ExportWatcher;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Shows a download, then its verification. One thread uses it. */
final class ExportProgress implements ExportWatcher, AutoCloseable {
    private final boolean quiet;
    private final PrintWriter err;
    private @Nullable Progress shown;
    private String work = "";

    ExportProgress(boolean quiet, PrintWriter err) {
        this.quiet = quiet;
        this.err = err;
    }

    @Override
    public void fetched(long doneBytes, long totalBytes) {
        of("exporting").at(doneBytes, totalBytes);
    }

    @Override
    public void verified(long doneBytes, long totalBytes) {
        of("verifying").at(doneBytes, totalBytes);
    }

    private Progress of(String nextWork) {
        if (shown == null || !work.equals(nextWork)) {
            close();
            work = nextWork;
            shown = Progress.start(nextWork, quiet, err);
        }
        return shown;
    }

    @Override
    public void note(String sentence) {
        close();
        if (!quiet) {
            err.println("qedstore: " + Printable.of(sentence));
        }
    }

    @Override
    public void close() {
        if (shown != null) {
            shown.close();
            shown = null;
        }
    }
}
