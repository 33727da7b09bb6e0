package io.qedstore.qed;

import io.qedstore.qed.alloc.Plan;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.check.ConsistencyCheck;
import io.qedstore.qed.check.Repair;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.format.Errno;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.HeaderRules;
import io.qedstore.qed.format.QedError;
import io.qedstore.qed.format.QedFormatException;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import io.qedstore.qed.format.TableBounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A local QED file without a log: the engine with each plan put into the file at once.
 *
 * <p>Plans that change tables are applied under the engine's plan lock, hence one after another; those that only
 * overwrite mapped clusters are applied by their callers side by side.
 *
 * <p>After a crash of the program or the machine, every write that was answered before a successful {@link #flush} is
 * there. What came later is there, or not, by 512-byte sectors, and the next open for writing mends the tables: NEED_CHECK
 * is on disk before the first entry changes, an L2 table before its L1 entry, and with a backing file (which goes without
 * NEED_CHECK) the data before its entry.
 */
public final class PlainImage implements WritableImage {
    private final QedImage image;
    private final ImageFile file;
    private final long usableAtOpen;
    private final Applier applier = new Applier();
    private final Object syncing = new Object();

    /** Guarded by {@link #syncing}. */
    private @Nullable IOException syncFailure;

    private final AtomicLong allocations = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    private PlainImage(QedImage image, ImageFile file) {
        this.image = image;
        this.file = file;
        this.usableAtOpen = TableBounds.usableBytes(image.header().geometry(), file.length());
    }

    /** Opens a file for reading and writing, with its backing chain, and repairs it first if it needs a check. */
    public static PlainImage open(Path path) throws IOException {
        return open(path, QedImage.DEFAULT_L2_CACHE_BYTES);
    }

    /** Opens a file alone, for changes of its header: what its backing file holds is not to be seen or copied. */
    public static PlainImage openWithoutBacking(Path path) throws IOException {
        return open(path, QedImage.DEFAULT_L2_CACHE_BYTES, false);
    }

    /** @param l2CacheBytes limit of table bytes in memory */
    public static PlainImage open(Path path, long l2CacheBytes) throws IOException {
        return open(path, l2CacheBytes, true);
    }

    private static PlainImage open(Path path, long l2CacheBytes, boolean withBacking) throws IOException {
        ChannelImageFile file = ChannelImageFile.open(path, FileAccess.WRITE);
        GuestImage backing = null;
        boolean opened = false;
        try {
            HeaderReader start = HeaderReader.read(file, HeaderLayout.FINAL);
            backing = withBacking ? ImageChain.openBacking(path, start.backing()) : null;
            PlainImage image = open(path.toString(), file, backing, l2CacheBytes);
            opened = true;
            return image;
        } finally {
            if (!opened) {
                file.close();
                if (backing != null) {
                    backing.close();
                }
            }
        }
    }

    /**
     * Opens a file for reading and writing.
     *
     * @param file closed with the image
     * @param backing closed with the image
     */
    public static PlainImage open(String name, ImageFile file, @Nullable GuestImage backing, long l2CacheBytes)
            throws IOException {
        QedHeader header = HeaderReader.read(file, HeaderLayout.FINAL).header();
        if (header.autoclearFeatures() != 0) {
            header = header.withoutAutoclearFeatures();
            writeHeader(file, header);
        }
        if (header.needsCheck()) {
            CheckResult result = repair(file, header);
            if (result.checkErrors() > 0) {
                throw new IOException("Image corrupted (" + name + " needs a check, and " + result.checkErrors()
                        + " of its tables could not be read; look after the disk)");
            }
        }
        return new PlainImage(QedImage.open(name, file, header, backing, l2CacheBytes), file);
    }

    private static void writeHeader(ImageFile file, QedHeader header) throws IOException {
        try {
            new QedChange.HeaderWritten(QedHeaderCodec.encode(header)).applyTo(file);
            file.sync();
        } catch (IOException e) {
            throw new IOException("Failed to update header: " + e.getMessage(), e);
        }
    }

    /**
     * Mends what can be mended in a file that is not open elsewhere. The header stays as it is.
     *
     * @return what the pass found and mended; corruptions that it counts are still there
     */
    public static CheckResult repair(ImageFile file, QedHeader header) throws IOException {
        CheckResult result =
                ConsistencyCheck.run(file, header, true, ConsistencyCheck.defaultBitmapLimitBytes(), finding -> {
                    Optional<QedChange> mending = Repair.changeFor(finding);
                    if (mending.isPresent()) {
                        mending.get().applyTo(file);
                    }
                    return mending.isPresent();
                });
        file.sync();
        return result;
    }

    /**
     * Like {@link #repair}, and says in the header that the file needs no check, even if corruptions remain: what nobody
     * can mend would otherwise be looked for at every open. A check that met unreadable tables leaves the header alone.
     */
    public static CheckResult repairAndMarkClean(ImageFile file, QedHeader header) throws IOException {
        CheckResult result = repair(file, header);
        QedHeader clean = header.withNeedCheck(false).withoutAutoclearFeatures();
        if (result.checkErrors() == 0 && !clean.equals(header)) {
            writeHeader(file, clean);
        }
        return result;
    }

    @Override
    public String name() {
        return image.name();
    }

    @Override
    public long sizeBytes() {
        return image.sizeBytes();
    }

    @Override
    public @Nullable GuestImage backing() {
        return image.backing();
    }

    /** How many plans have changed tables since the image was opened. */
    public long allocations() {
        return allocations.get();
    }

    public QedHeader header() {
        return image.header();
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        image.read(guestOffset, target);
    }

    @Override
    public Extent extent(long guestOffset, long maxBytes) throws IOException {
        return image.extent(guestOffset, maxBytes);
    }

    @Override
    public @Nullable Extent extentIfCached(long guestOffset, long maxBytes) throws IOException {
        return image.extentIfCached(guestOffset, maxBytes);
    }

    @Override
    public FileView view() {
        return image.view();
    }

    /**
     * As {@link #write}, if that takes no waiting for the disk, as far as that can be known: the system may still make any
     * writer wait that has written much.
     *
     * @return false if it would; nothing has happened then
     */
    public boolean tryWrite(long guestOffset, ByteBuffer data) throws IOException {
        return !applier.hasTail() && image.tryWrite(guestOffset, data, applier);
    }

    @Override
    public void write(long guestOffset, ByteBuffer data) throws IOException {
        image.write(guestOffset, data, applier);
    }

    @Override
    public void writeZeroes(long guestOffset, long lengthBytes) throws IOException {
        image.writeZeroes(guestOffset, lengthBytes, applier);
    }

    @Override
    public void discard(long guestOffset, long lengthBytes) throws IOException {
        image.discard(guestOffset, lengthBytes, applier);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IOException if the disk failed, now or at any flush before: what an earlier flush could not write may be
     *     gone although the disk works again, so only reopening the file helps
     */
    @Override
    public void flush() throws IOException {
        synchronized (syncing) { // of two syncs at a time, the system tells only one that bytes were lost
            IOException earlier = syncFailure;
            if (earlier != null) {
                throw new IOException(
                        "an earlier flush of " + name()
                                + " failed, so data may be lost; close the image, look after the disk"
                                + " and open it again",
                        earlier);
            }
            try {
                file.sync();
            } catch (IOException e) {
                syncFailure = e;
                throw e;
            }
        }
    }

    @Override
    public void resize(long newSizeBytes) throws IOException {
        checkResize(newSizeBytes);
        image.resize(newSizeBytes, applier);
        flush();
    }

    private void checkResize(long newSizeBytes) throws QedFormatException {
        long size = sizeBytes();
        if (!header().geometry().permitsImageSize(newSizeBytes)
                || Long.compareUnsigned(newSizeBytes, HeaderRules.MAX_OPEN_BYTES) > 0) {
            throw new QedFormatException(
                    QedError.RESIZE,
                    Long.toUnsignedString(newSizeBytes) + " bytes, expected a multiple of 512 up to "
                            + Long.toUnsignedString(header().geometry().maxImageSize()));
        }
        if (newSizeBytes < size) {
            throw new QedFormatException(
                    QedError.RESIZE,
                    Errno.ENOTSUP,
                    "Shrinking images is currently not supported (" + name() + " has " + size + " bytes, asked for "
                            + newSizeBytes + ")");
        }
        GuestImage backing = backing();
        if (newSizeBytes > size && backing != null && backing.sizeBytes() > size) {
            throw new QedFormatException(
                    QedError.RESIZE,
                    Errno.ENOTSUP,
                    "Block driver does not support requested flags (the backing file has " + backing.sizeBytes()
                            + " bytes and would show through in the new area instead of zeros; detach it with `file"
                            + " rebase` first)");
        }
    }

    /**
     * Names another backing file, or none where the name is empty. The open image goes on with the one it has; the guest's
     * view stays right only if both show the same bytes. Durable when it returns.
     *
     * @param raw whether the new backing file is to be taken as raw without a look
     */
    public void changeBackingFile(String backingName, boolean raw) throws IOException {
        QedHeader header = header();
        byte[] nameBytes = backingName.getBytes(StandardCharsets.UTF_8);
        long room =
                Math.min(header.headerBytes() - QedHeaderCodec.HEADER_BYTES, HeaderRules.MAX_BACKING_FILENAME_BYTES);
        if (nameBytes.length > room) {
            throw new QedFormatException(
                    QedError.BACKING_FILE_CHANGE,
                    Errno.ENOSPC,
                    "Could not change the backing file to '" + backingName
                            + "': No space left in the file header (the name" + " has " + nameBytes.length
                            + " bytes, there is room for " + Math.max(0, room) + ")");
        }
        if (nameBytes.length > 0 && header.compatFeatures() != 0) {
            throw new QedFormatException(
                    QedError.BACKING_FILE_CHANGE,
                    Errno.ENOTSUP,
                    "Could not change the backing file to '" + backingName
                            + "': Operation not supported (compat_features"
                            + " is 0x" + Long.toHexString(header.compatFeatures())
                            + ", and nobody knows what these bits say of a backing file)");
        }
        image.changeBackingFile(nameBytes, raw, applier);
        flush();
    }

    /**
     * Ends the dirty period: everything is durable, and the file says that it needs no check. Requests may go on meanwhile;
     * the next one that allocates opens a new period.
     */
    public void clearNeedCheck() throws IOException {
        if (header().needsCheck()) {
            image.clearNeedCheck(new PlanSink() {
                @Override
                public void planned(Plan plan) throws IOException {
                    flush();
                    for (QedChange change : plan.changes()) {
                        change.applyTo(file);
                    }
                }
            });
            flush();
        }
    }

    /** Flushes, marks the file clean and closes it. It is closed even if that fails; closing again has no effect. */
    @Override
    public void close() throws IOException {
        if (closed.getAndSet(true)) {
            return;
        }
        try (image) {
            flush();
            clearNeedCheck();
        }
    }

    /** Puts plans into the file. */
    private final class Applier implements PlanSink {
        @Override
        public void planned(Plan plan) throws IOException {
            if (!plan.inPlace()) {
                if (plan.setsEntries() && allocations.getAndIncrement() == 0) {
                    zeroTail();
                }
                for (QedChange change : plan.changes()) {
                    apply(change);
                }
            }
        }

        @Override
        public void unlocked(Plan plan) throws IOException {
            if (plan.inPlace()) {
                for (QedChange change : plan.changes()) {
                    change.applyTo(file);
                }
            }
        }

        /** Whether the first plan that uses new space has something to clear away. */
        boolean hasTail() {
            return allocations.get() == 0 && file.length() > usableAtOpen;
        }

        /**
         * Zeroes what a crash or a failed write left behind the last whole cluster, before the first plan uses that space:
         * if power fails before the new bytes are on disk, the guest must not see those of another place.
         */
        private void zeroTail() throws IOException {
            if (file.length() > usableAtOpen) {
                new QedChange.RangeZeroed(usableAtOpen, file.length() - usableAtOpen).applyTo(file);
                flush();
            }
        }

        private void apply(QedChange change) throws IOException {
            boolean entry = change instanceof QedChange.L2EntriesSet || change instanceof QedChange.L2TableWritten;
            if (change instanceof QedChange.L1EntrySet || (entry && backing() != null)) {
                flush();
            }
            change.applyTo(file);
            if (change instanceof QedChange.HeaderWritten && header().needsCheck()) {
                flush();
            }
        }
    }
}
