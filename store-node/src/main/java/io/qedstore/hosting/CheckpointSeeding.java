package io.qedstore.hosting;

import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.LogException;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.rebuild.LogWalk;
import io.qedstore.rebuild.Rebuild;
import io.qedstore.rebuild.Rebuild.Rebuilt;
import io.qedstore.rebuild.RebuildSource;
import io.qedstore.rebuild.RebuildWatcher;
import io.qedstore.replica.Seeding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The making of this node's copy of an image from the newest checkpoint, where no other node gives one. It is made beside the file, and
 * goes on there after a kill; the file gets its name once it is known what is in it.
 */
final class CheckpointSeeding implements SeedQueue.Job {
    private final Host host;
    private final CatalogImage image;
    private final Consumer<Optional<IOException>> ended;
    private final StillWanted wanted;
    private volatile String state = "looking for a checkpoint";

    private CheckpointSeeding(Host host, CatalogImage image, Consumer<Optional<IOException>> ended) {
        this.host = host;
        this.image = image;
        this.ended = ended;
        this.wanted = new StillWanted(host, image);
    }

    /**
     * Begins, or goes on where an earlier one has ended.
     *
     * @param ended told once, by any thread, with the reason if the copy is not whole
     */
    static CheckpointSeeding begin(Host host, CatalogImage image, Consumer<Optional<IOException>> ended) {
        CheckpointSeeding begun = new CheckpointSeeding(host, image, ended);
        host.seeds().add(begun);
        return begun;
    }

    @Override
    public void cancel() {
        wanted.cancel();
    }

    @Override
    public String state() {
        return state;
    }

    @Override
    public boolean step(ByteRate rate) throws IOException {
        RebuildSource source = host.sources().of(image);
        FoldState checkpoint = newest(source);
        Files.deleteIfExists(host.files().of(image.id())); // the parts that other nodes gave
        CopyFile.forget(host, image.id());
        Path made = host.files().restoredOf(image.id());
        Files.deleteIfExists(made); // of one that was killed before it was known what is in it
        Rebuilt rebuilt = new Rebuild(source, made, new Watcher(rate, checkpoint)).upTo(checkpoint.sequence());
        try (ChannelImageFile file = ChannelImageFile.open(made, FileAccess.READ)) {
            Seeding.adopt(file, rebuilt.state(), rebuilt.content(), host.progress());
        }
        DurableFile.rename(made, host.files().of(image.id()));
        return true;
    }

    /** From which the log goes on: else all of it would be copied in vain. */
    private FoldState newest(RebuildSource source) throws IOException {
        FoldState checkpoint = source.newestPlace(any -> true)
                .orElseThrow(() -> new IOException("there is no checkpoint in "
                        + host.sources().stores().stream()
                                .map(CheckpointStore::place)
                                .toList()));
        try {
            new LogWalk(source.log(), checkpoint, source.patience()).walk((event, after) -> false);
        } catch (LogException.Gap e) {
            throw source.notCovered(e);
        }
        return checkpoint;
    }

    private final class Watcher implements RebuildWatcher {
        private final ByteRate rate;
        private final FoldState checkpoint;
        private long bytes;

        Watcher(ByteRate rate, FoldState checkpoint) {
            this.rate = rate;
            this.checkpoint = checkpoint;
            say();
        }

        private void say() {
            state = "seeding from the checkpoint at event " + checkpoint.sequence() + ", " + (bytes >> 20)
                    + " MiB until now";
        }

        @Override
        public void copied(int count) throws IOException {
            redone(count);
        }

        @Override
        public void redone(long count) throws IOException {
            bytes += count;
            say();
            rate.take(count, wanted);
        }
    }

    @Override
    public void done() {
        ended.accept(Optional.empty());
    }

    @Override
    public void failed(IOException cause) {
        ended.accept(Optional.of(cause));
    }
}
