package io.qedstore.hosting;

import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.qed.file.FileAccess;
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
    private volatile boolean cancelled;
    private volatile String state = "looking for a checkpoint";

    private CheckpointSeeding(Host host, CatalogImage image, Consumer<Optional<IOException>> ended) {
        this.host = host;
        this.image = image;
        this.ended = ended;
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
        cancelled = true;
    }

    @Override
    public String state() {
        return state;
    }

    @Override
    public boolean step(ByteRate rate) throws IOException {
        RebuildSource source = host.sources().of(image);
        FoldState checkpoint = source.newestPlace(any -> true)
                .orElseThrow(() -> new IOException("there is no checkpoint in "
                        + host.sources().stores().stream()
                                .map(store -> store.place())
                                .toList()));
        state = "seeding from the checkpoint at event " + checkpoint.sequence();
        host.progress().forget(image.id()); // and with it the parts that other nodes gave
        Files.deleteIfExists(host.files().of(image.id()));
        Path made = host.files().restoredOf(image.id());
        Files.deleteIfExists(made); // of one that was killed before it was known what is in it
        Rebuilt rebuilt = new Rebuild(source, made, new Watcher(rate)).upTo(checkpoint.sequence());
        try (ChannelImageFile file = ChannelImageFile.open(made, FileAccess.READ)) {
            Seeding.adopt(file, rebuilt.state(), rebuilt.content(), host.progress());
        }
        DurableFile.rename(made, host.files().of(image.id()));
        return true;
    }

    private final class Watcher implements RebuildWatcher {
        private final ByteRate rate;

        Watcher(ByteRate rate) {
            this.rate = rate;
        }

        @Override
        public void copied(int bytes) throws IOException {
            rate.take(bytes, this::requireWanted);
        }

        @Override
        public void redone(long bytes) throws IOException {
            rate.take(bytes, this::requireWanted);
        }

        private void requireWanted() throws IOException {
            if (host.replicasStand().getAsBoolean()) {
                throw new IOException("the disk of this node is nearly full; make room");
            }
            if (cancelled) {
                throw new IOException("image " + image.name() + " is closed");
            }
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
