package io.qedstore.cli;

import io.qedstore.cli.download.ExportWatcher;
import io.qedstore.cli.upload.UploadWatcher;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Shows a download or an upload, step by step. One thread uses it. */
final class TransferProgress implements ExportWatcher, UploadWatcher, AutoCloseable {
    private final boolean quiet;
    private final PrintWriter err;
    private @Nullable Progress shown;
    private String work = "";

    TransferProgress(boolean quiet, PrintWriter err) {
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

    @Override
    public void sent(long fileOffset, long fileBytes) {
        of("sending").at(fileOffset, fileBytes);
    }

    @Override
    public void logged(long fileOffset, long fileBytes) {
        of("importing").at(fileOffset, fileBytes);
    }

    /** The progress of one step; that of the step before ends. */
    Progress of(String nextWork) {
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
