package io.qedstore.bench;

import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.LogFollower;
import io.qedstore.fold.ProgressStore;
import io.qedstore.log.EventLog;
import io.qedstore.qed.file.ChannelImageFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Folds a log into a new file, as a replica does. */
final class FollowedFile implements FoldedFile.Listener, LogFollower.Listener {
    private static final long ROOM_BYTES = 16 << 20;

    private final CompletableFuture<FoldState> reached = new CompletableFuture<>();
    private final long lastSequence;
    private final FoldedFile file;
    private final LogFollower follower;

    private FollowedFile(
            ChannelImageFile into,
            EventLog log,
            ImageId image,
            ProgressStore progress,
            Executor executor,
            long syncEveryBytes,
            long lastSequence)
            throws IOException {
        this.lastSequence = lastSequence;
        FoldState start = OwnedImages.start(image, log);
        file = new FoldedFile(into, progress, start, start, syncEveryBytes, executor, this);
        follower = new LogFollower(log, new Fold(start), file, this);
    }

    /** Returns when all of the log is in the file, on the disk, and stored as such. */
    static void fold(
            EventLog log,
            ImageId image,
            long lastSequence,
            Path path,
            ProgressStore progress,
            Executor executor,
            long syncEveryBytes)
            throws Exception {
        try (ChannelImageFile into = ChannelImageFile.createOrOpen(path)) {
            FollowedFile followed =
                    new FollowedFile(into, log, image, progress, executor, syncEveryBytes, lastSequence);
            followed.follower.resume();
            followed.reached.get();
            followed.follower.stop();
        }
    }

    @Override
    public boolean hasRoom() {
        return file.waitingBytes() < ROOM_BYTES;
    }

    @Override
    public void applied(Sequence upTo) {
        if (hasRoom()) {
            follower.resume();
        }
        if (upTo.value() == lastSequence) {
            file.sync();
        }
    }

    @Override
    public void synced(FoldState state) {
        if (state.sequence().value() == lastSequence) {
            reached.complete(state);
        }
    }

    @Override
    public void failed(IOException cause) {
        reached.completeExceptionally(cause);
    }

    @Override
    public void caughtUp(FoldState state) {}
}
