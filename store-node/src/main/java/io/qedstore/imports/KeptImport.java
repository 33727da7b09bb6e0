package io.qedstore.imports;

import io.qedstore.api.ImageImports;
import io.qedstore.api.NewImportRequest;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.content.BlockDigest;
import io.qedstore.content.ContentScan;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.Zeros;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One file on its way to be an image. It arrives in order, and zeros are not written: what was left out stays a hole. All methods are
 * safe for many threads.
 *
 * <p>Its file stays while its log may be there without an image: by that file the next start knows what to clear away.
 */
public final class KeptImport {
    private final ImageId id;
    private final ImageName name;
    private final NewImportRequest request;
    private final Placement placement;
    private final Path path;

    // ---- guarded by this object's monitor

    private @Nullable ChannelImageFile file;
    private Turn stage = new Turn(ImportStage.UPLOADING, Optional.empty());
    private boolean isUncertain;
    private long nextOffset;
    private long loggedBytes;
    private Sequence sequence = Sequence.NONE;
    private long lastUsedNanos;

    /** How far it is, and why it goes no further. */
    private record Turn(ImportStage stage, Optional<String> detail) {}

    /**
     * What can be told of it.
     *
     * @param nextOffset the end of what has arrived
     * @param loggedBytes up to here it is in the log
     * @param sequence of its last event, once that is there
     */
    public record State(
            ImportStage stage, Optional<String> detail, long nextOffset, long loggedBytes, Sequence sequence) {}

    private KeptImport(
            ImageId id,
            ImageName name,
            NewImportRequest request,
            Placement placement,
            ChannelImageFile file,
            long nowNanos) {
        this.id = id;
        this.name = name;
        this.request = request;
        this.placement = placement;
        this.path = file.path();
        this.file = file;
        this.lastUsedNanos = nowNanos;
    }

    /** Begins one whose file is all zeros. */
    static KeptImport begin(
            Path path, ImageId id, ImageName name, NewImportRequest request, Placement placement, long nowNanos)
            throws IOException {
        ChannelImageFile file = ChannelImageFile.createOrOpen(path);
        boolean begun = false;
        try {
            setLength(file, request.fileBytes());
            begun = true;
            return new KeptImport(id, name, request, placement, file, nowNanos);
        } finally {
            if (!begun) {
                file.close();
                Files.deleteIfExists(path);
            }
        }
    }

    private static void setLength(ChannelImageFile file, long bytes) throws ServiceException {
        try {
            file.setLength(bytes);
        } catch (IOException e) {
            throw new ServiceException(
                    ServiceError.INVALID, "a file of " + bytes + " bytes cannot be made here: " + e.getMessage(), e);
        }
    }

    public ImageId id() {
        return id;
    }

    public ImageName name() {
        return name;
    }

    public NewImportRequest request() {
        return request;
    }

    public Placement placement() {
        return placement;
    }

    boolean isOf(ImageName other, NewImportRequest asked) {
        return name.equals(other) && request.equals(asked);
    }

    public synchronized State state() {
        return new State(stage.stage(), stage.detail(), nextOffset, loggedBytes, sequence);
    }

    synchronized void used(long nowNanos) {
        lastUsedNanos = nowNanos;
    }

    synchronized long lastUsedNanos() {
        return lastUsedNanos;
    }

    /** Whether nothing is being done with it now. */
    synchronized boolean isIdle() {
        if (isUncertain) {
            return false; // the log may not be cleared away: an image may come to be of it, at any time
        }
        return stage.stage() == ImportStage.UPLOADING
                || stage.stage() == ImportStage.COPYING
                || stage.stage() == ImportStage.DONE
                || stage.stage() == ImportStage.FAILED;
    }

    /** Whether it is still on its way into the log, or to the node. */
    public synchronized boolean isNoImageYet() {
        return sequence.equals(Sequence.NONE);
    }

    // ---- what arrives

    /** @throws ServiceException if it is no piece of the file, or no more are taken */
    public synchronized void take(long fileOffset, byte[] piece) throws IOException {
        ChannelImageFile into = file;
        if (stage.stage() != ImportStage.UPLOADING || into == null) {
            throw new ServiceException(
                    ServiceError.CONFLICT, "import " + id + " takes no more pieces: it is " + stage.stage());
        }
        boolean fits = fileOffset >= 0
                && piece.length <= ImageImports.MAX_PIECE_BYTES
                && fileOffset <= request.fileBytes() - piece.length;
        if (!fits || piece.length == 0) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "a piece of " + piece.length + " bytes at byte " + fileOffset + "; expected 1 to "
                            + ImageImports.MAX_PIECE_BYTES + " bytes within the file's " + request.fileBytes());
        }
        for (int at = 0; at < piece.length; ) {
            int inBlock = (int) ((fileOffset + at) % BlockDigest.BLOCK_BYTES);
            int count = Math.min(BlockDigest.BLOCK_BYTES - inBlock, piece.length - at);
            ByteBuffer block = ByteBuffer.wrap(piece, at, count);
            boolean isHole = fileOffset + at >= nextOffset && Zeros.areAll(block);
            if (!isHole) {
                into.write(fileOffset + at, block);
            }
            at += count;
        }
        nextOffset = Math.max(nextOffset, fileOffset + piece.length);
    }

    // ---- what becomes of it

    /** @return whether it was not asked for before */
    public synchronized boolean arrived() {
        boolean isFirst = stage.stage() == ImportStage.UPLOADING;
        if (isFirst) {
            enter(ImportStage.WAITING);
        }
        return isFirst;
    }

    public synchronized void enter(ImportStage next) {
        stage = new Turn(next, Optional.empty());
    }

    /** The file, to read; it does not change any more. */
    public synchronized FileView file() throws IOException {
        ChannelImageFile there = file;
        if (there == null) {
            throw new IOException("the file of import " + id + " is closed");
        }
        return there;
    }

    /** @throws ServiceException if what has arrived is not what was announced */
    public void requireWhole() throws IOException {
        Digest found = ContentScan.sum(file(), DigestAlgorithm.XXH3_128);
        if (!found.toString().equals(request.content())) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "what has arrived is not the file: found content " + found + ", expected " + request.content()
                            + "; was it changed meanwhile? Import it again");
        }
    }

    public synchronized void logged(long upTo) {
        loggedBytes = upTo;
    }

    /** All of it is in the log, and there is an image: the file is not needed any more. */
    public void becameImage(Sequence last) {
        synchronized (this) {
            sequence = last;
            loggedBytes = request.fileBytes();
            enter(ImportStage.COPYING);
        }
        remove();
    }

    /**
     * It goes no further, and there is nothing of it but the file.
     *
     * @param why for people
     */
    public void failed(String why) {
        synchronized (this) {
            stage = new Turn(ImportStage.FAILED, Optional.of(why));
        }
        remove();
    }

    /**
     * It goes no further here, and its log may still be there, or be an image's: the file stays, for whoever clears away.
     *
     * @param why for people
     */
    public synchronized void leftBehind(String why) {
        stage = new Turn(ImportStage.FAILED, Optional.of(why));
        close();
    }

    /** As {@link #leftBehind}, of one of which the catalog has not said whether it is an image. */
    public synchronized void leftUncertain(String why) {
        isUncertain = true;
        leftBehind(why);
    }

    /** Closes the file, which stays. */
    synchronized void close() {
        ChannelImageFile open = file;
        file = null;
        if (open != null) {
            KeptImports.quietly("close", path, open::close);
        }
    }

    void remove() {
        close();
        KeptImports.quietly("remove", path, () -> Files.deleteIfExists(path));
    }
}
