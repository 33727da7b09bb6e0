package io.qedstore.hosting;

import io.qedstore.content.BadBlockException;
import io.qedstore.content.Mender;
import io.qedstore.content.VerifiedView;
import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.Seed;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileView;
import io.qedstore.rebuild.BaseCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file of one image on this node, from its opening on, and the log that it follows. */
public final class CopyFile {
    private static final Logger LOG = LoggerFactory.getLogger(CopyFile.class);

    private final boolean verifyReads;
    private final EventLog log;
    private final Listener listener;
    private final ChannelImageFile file;
    private final Path seal;
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

        /** Nobody has what a block of the file was. */
        void damaged(BadBlockException cause);

        void failed(IOException cause);
    }

    private CopyFile(
            Host host,
            EventLog log,
            ChannelImageFile file,
            FoldState synced,
            FoldState ceiling,
            Mender mender,
            Listener listener)
            throws IOException {
        this.verifyReads = host.verifyReads();
        this.log = log;
        this.listener = listener;
        this.file = file;
        this.seal = host.files().sealOf(synced.image());
        this.synced = synced;
        this.ceiling = ceiling;
        this.folded = new FoldedFile(
                file,
                host.progress(),
                synced,
                ceiling,
                mender,
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
     * Sees to it that what lies in the file's place is the file that this node knows, as far as can be seen from outside: what is
     * not is set aside, since nobody can say what it holds.
     *
     * @return whether there is none, so that one has to be made
     */
    static boolean isToBeMade(Host host, CatalogImage image) throws IOException {
        ImageId id = image.id();
        Optional<FoldState> ceiling = host.progress().ceiling(id);
        long needed = ceiling.isPresent()
                ? host.progress().sums(id).lengthBytes()
                : host.progress().seed(id).map(Seed::next).orElse(0L);
        boolean isKnown = ceiling.isPresent() || host.progress().seed(id).isPresent();
        if (isKnown && !host.files().holdsAnything(id)) {
            LOG.warn(
                    "the file of image {}, {}, is gone; it is made anew",
                    image.name(),
                    host.files().of(id));
            forget(host, id);
            return true;
        }
        boolean isTooShort = host.files().lengthBytes(id) < needed; // also after a crash: redo never cuts a file
        if (host.files().holdsAnything(id) && (!isKnown || isTooShort)) {
            LOG.warn(
                    "the file of image {} {}; it was set aside as {}, and is made anew",
                    image.name(),
                    isKnown ? "has lost its end" : "is not known to this node",
                    setAside(host, id).orElse("nothing"));
            return true;
        }
        return ceiling.isEmpty();
    }

    /**
     * Opens the file, or begins an empty one.
     *
     * @param image as the catalog has it now
     * @throws LogException if the log does not answer, or is not the one that the file follows
     */
    static CopyFile open(Host host, Supplier<CatalogImage> image, Listener listener) throws IOException {
        ImageId id = image.get().id();
        EventLog log = host.logs().open(id);
        FoldState start = FoldState.start(id, image.get().lineage(), log.topicId());
        Optional<FoldState> ceiling = host.progress().ceiling(id);
        FoldState synced =
                ceiling.isEmpty() ? start : host.progress().synced(id).orElse(start);
        requireSameLog(start, synced);
        ChannelImageFile file = ChannelImageFile.createOrOpen(host.files().of(id));
        seal(file.path(), host.files().sealOf(id), synced);
        return new CopyFile(host, log, file, synced, ceiling.orElse(synced), new CopyMender(host, image), listener);
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

    /** To read, while it is followed; what is damaged is restored meanwhile. Not by who holds the folded file's lock. */
    public FileView view() {
        return folded.verified();
    }

    /** For a copy of it. */
    public BaseCopy.Source source() {
        return new BaseCopy.Source(view(), Optional.of(file));
    }

    /** As clients read it. */
    FileView served() {
        return verifyReads ? folded.verified() : file;
    }

    /** As clients read it, while nothing is applied: what is damaged is an error. */
    FileView servedStill() {
        return verifyReads ? folded.blocks().<FileView>map(VerifiedView::new).orElse(file) : file;
    }

    public Path path() {
        return file.path();
    }

    public FoldedFile folded() {
        return folded;
    }

    /**
     * Restores a block that differs; if that cannot be done, whoever has the file is told.
     *
     * @throws IOException if it could not be restored
     */
    void settle(long block) throws IOException {
        try {
            folded.settle(block);
        } catch (BadBlockException e) {
            listener.damaged(e);
            throw e;
        }
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
                    seal(file.path(), seal, folded.synced());
                }));
    }

    /** When it is closed, and all of it on the disk; and when it is opened, for a node that is killed. */
    private static void seal(Path file, Path seal, FoldState synced) {
        try {
            FileSeal.of(file, synced.sequence().value()).write(seal);
        } catch (IOException e) {
            LOG.warn("how the file {} was left could not be noted: {}", file, e.getMessage());
        }
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
        forget(host, image);
        if (!host.files().holdsAnything(image)) {
            return Optional.empty();
        }
        return Optional.of(host.files().setAside(image, host.seconds()).toString());
    }

    /** Forgets how far a file was that is gone, or is about to be. */
    static void forget(Host host, ImageId image) throws IOException {
        Files.deleteIfExists(host.files().sealOf(image));
        host.progress().forget(image);
    }
}
