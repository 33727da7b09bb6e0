package io.qedstore.fold;

import io.qedstore.qed.file.ImageFile;
import io.qedstore.simulation.Bug;
import java.io.IOException;
import java.util.concurrent.Executor;

/** A file that follows its log with a mistake, if one is asked for. */
public final class BuggyFoldedFile extends FoldedFile {
    private final Bug bug;
    private final Executor later;

    public BuggyFoldedFile(
            ImageFile file,
            ProgressStore progress,
            FoldState synced,
            FoldState ceiling,
            long syncEveryBytes,
            Executor executor,
            Listener listener,
            Bug bug)
            throws IOException {
        super(file, progress, synced, ceiling, syncEveryBytes, executor, listener);
        this.bug = bug;
        this.later = executor;
    }

    @Override
    boolean isBelowCeiling(FoldState after, long ceilingSequence) {
        return bug == Bug.APPLY_ABOVE_CEILING || super.isBelowCeiling(after, ceilingSequence);
    }

    @Override
    void syncFile() throws IOException {
        if (bug != Bug.SYNC_AFTER_PROGRESS) {
            super.syncFile();
            return;
        }
        storeSynced(beginSync());
        later.execute(() -> later.execute(() -> later.execute(() -> {
            try {
                file().sync();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        })));
    }
}
