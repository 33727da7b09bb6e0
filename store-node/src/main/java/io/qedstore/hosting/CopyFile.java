package io.qedstore.hosting;

import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.fold.FoldedFile;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file of one image on this node, from its opening on, and the log that it follows. */
public final class CopyFile {
    private static final Logger LOG = LoggerFactory.getLogger(CopyFile.class);

    private final EventLog log;
    private final ChannelImageFile file;
    private final FoldState synced;
    private final FoldState ceiling;
    private final FoldedFile folded;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private volatile boolean finishing;

    /** Hears how the file goes on. Called by any thread, also before {@link #open} returns; must not wait. */
    interface Listener {
        void applied(Sequence upTo);

        /** There is room again for events, after there was none. */
        void hasRoomAgain();

        void failed(IOException cause);
    }

    private CopyFile(
            Host host, EventLog log, ChannelImageFile file, FoldState synced, FoldState ceiling, Listener listener)
            throws IOException {
        this.log = log;
        this.file = file;
        this.synced = synced;
        this.ceiling = ceiling;
        this.folded = new FoldedFile(
                file,
                host.progress(),
                synced,
                ceiling,
                Host.SYNC_EVERY_BYTES,
                host.appliers(),
                new FoldedFile.Listener() {
                    @Override
                    public void applied(Sequence upTo) {
                        listener.applied(upTo);
                        if (wasFull && hasRoom()) {
                            wasFull = false;
                            listener.hasRoomAgain();
                        }
                    }

                    @Override
                    public void synced(FoldState state) {
                        finishIfSynced();
                    }

                    @Override
                    public void failed(IOException cause) {
                        finished.completeExceptionally(cause);
                        listener.failed(cause);
                    }
                });
    }

    /**
     * Opens or makes the file. What has no place in the log that this node knows of is set aside: nobody can say what it holds.
     *
     * @throws LogException if the log does not answer, or is not the one that the file follows
     */
    static CopyFile open(Host host, CatalogImage image, Listener listener) throws IOException {
        EventLog log = host.logs().open(image.id());
        FoldState start = FoldState.start(image.id(), image.lineage(), log.topicId());
        Optional<FoldState> ceiling = host.progress().ceiling(image.id());
        Path path = host.files().of(image.id());
        boolean holdsAnything = host.files().holdsAnything(image.id());
        if (ceiling.isEmpty() && holdsAnything) {
            Path aside = host.files().setAside(image.id(), host.seconds());
            LOG.warn(
                    "the file of image {} is not known to this node; it was set aside as {}, and is made anew",
                    image.name(),
                    aside);
        } else if (ceiling.isPresent() && !holdsAnything) {
            host.progress().forget(image.id());
            ceiling = Optional.empty();
            LOG.warn("the file of image {}, {}, is gone; it is made anew from the log", image.name(), path);
        }
        FoldState synced =
                ceiling.isEmpty() ? start : host.progress().synced(image.id()).orElse(start);
        requireSameLog(start, synced);
        ChannelImageFile file = ChannelImageFile.createOrOpen(path);
        return new CopyFile(host, log, file, synced, ceiling.orElse(synced), listener);
    }

    private static void requireSameLog(FoldState now, FoldState stored) throws LogException {
        if (!stored.topicId().equals(now.topicId())) {
            throw new LogException.Recreated("the file of image " + now.image() + " follows the topic with the id "
                    + stored.topicId() + ", and the log is topic " + now.topicId()
                    + " now: it was deleted and created again, or this is another cluster");
        }
        if (!stored.lineage().equals(now.lineage())) {
            throw new LogException.Foreign("the file of image " + now.image() + " is of lineage " + stored.lineage()
                    + ", and the catalog says " + now.lineage());
        }
    }

    /** From where to follow. */
    FoldTip tip() {
        return FoldTip.stored(synced, ceiling);
    }

    EventLog log() {
        return log;
    }

    ImageFile file() {
        return file;
    }

    /** To read, while it is followed. */
    public FileView view() {
        return file;
    }

    public Path path() {
        return file.path();
    }

    public FoldedFile folded() {
        return folded;
    }

    private volatile boolean wasFull;

    /** Whether more events may be handed to it. */
    boolean hasRoom() {
        boolean room = folded.waitingBytes() < Host.MAX_WAITING_BYTES;
        if (!room) {
            wasFull = true;
            room = folded.waitingBytes() < Host.MAX_WAITING_BYTES; // it may have got room since, and told nobody
        }
        return room;
    }

    void syncIfNeeded() {
        if (!folded.synced().equals(folded.applied())) {
            folded.sync();
        }
    }

    /** Brings all that came onto the disk, and closes the file. Nothing may come any more. */
    CompletionStage<Void> finish() {
        finishing = true;
        folded.sync();
        finishIfSynced();
        return finished.handle((nothing, failure) -> failure)
                .thenCompose(failure -> abandon().thenAccept(nothing -> {
                    if (failure != null) {
                        throw new java.util.concurrent.CompletionException(failure);
                    }
                }));
    }

    private void finishIfSynced() {
        if (!finishing) {
            return;
        }
        if (folded.waitingBytes() == 0 && folded.synced().equals(folded.applied())) {
            finished.complete(null);
        } else {
            folded.sync();
        }
    }

    /** Closes the file as it is. */
    CompletionStage<Void> abandon() {
        finished.complete(null); // nobody need wait for more
        return folded.end().thenRun(() -> {
            try {
                file.close();
            } catch (IOException e) {
                LOG.warn("the file {} could not be closed in order", file.path(), e);
            }
        });
    }

    /** Gives a file that nobody has open another name, and forgets how far it was. */
    static Optional<String> setAside(Host host, ImageId image) throws IOException {
        host.progress().forget(image);
        if (!host.files().holdsAnything(image)) {
            return Optional.empty();
        }
        return Optional.of(host.files().setAside(image, host.seconds()).toString());
    }
}
