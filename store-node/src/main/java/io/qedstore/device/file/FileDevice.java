package io.qedstore.device.file;

import io.qedstore.device.BlockDevice;
import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Durability;
import io.qedstore.device.DurabilityScope;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.device.ReadReply;
import io.qedstore.device.ZeroOption;
import io.qedstore.device.image.ImageReads;
import io.qedstore.device.image.ZeroRequest;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.NeedCheckTimer;
import io.qedstore.qed.PlainImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A plain QED file as a block device, with the files behind it.
 *
 * <p>Writes are in the file when they complete, and on the disk after a flush; one flush serves all who wait for one.
 * What survives a crash is what {@link PlainImage} says.
 */
public final class FileDevice implements BlockDevice {
    private static final int PREFERRED_READ_BYTES = 1 << 16;

    private final GuestImage image;
    private final ImageReads reads;
    private final @Nullable PlainImage writable;
    private final CacheMode cacheMode;
    private final int clusterBytes;
    private final SharedFlush flushes;
    private final @Nullable NeedCheckTimer needCheckTimer;

    private FileDevice(GuestImage image, @Nullable PlainImage writable, CacheMode cacheMode, int clusterBytes) {
        this.image = image;
        this.reads = new ImageReads(image);
        this.cacheMode = cacheMode;
        this.writable = writable;
        this.clusterBytes = clusterBytes;
        this.flushes = new SharedFlush(() -> {
            if (writable != null) {
                writable.flush();
            }
        });
        this.needCheckTimer =
                writable == null ? null : new NeedCheckTimer(writable::allocations, writable::clearNeedCheck);
    }

    /** Opens a file for reading and writing; nobody else, qemu included, may use it meanwhile. */
    public static FileDevice open(Path path, CacheMode cacheMode) throws IOException {
        return of(PlainImage.open(path), cacheMode);
    }

    /** @param image closed with the device */
    static FileDevice of(PlainImage image, CacheMode cacheMode) {
        return new FileDevice(
                image, image, cacheMode, Math.toIntExact(image.header().clusterSize()));
    }

    /** Opens a file for reading; others may read it too. */
    public static FileDevice openReadOnly(Path path) throws IOException {
        return readOnly(ImageChain.openReadOnly(path, ImageFormat.QED));
    }

    /** @param image closed with the device */
    public static FileDevice readOnly(GuestImage image) {
        return new FileDevice(image, null, CacheMode.WRITEBACK, PREFERRED_READ_BYTES);
    }

    @Override
    public long sizeBytes() {
        return image.sizeBytes();
    }

    @Override
    public boolean isReadOnly() {
        return writable == null;
    }

    @Override
    public DurabilityScope durabilityScope() {
        return DurabilityScope.DEVICE;
    }

    @Override
    public int preferredBlockBytes() {
        return clusterBytes;
    }

    @Override
    public boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException {
        return reads.read(guestOffset, lengthBytes, reply, patience);
    }

    @Override
    public boolean write(
            long guestOffset, Payload data, Durability durability, Patience patience, Completion completion) {
        if (patience == Patience.WAIT) {
            change(durability, completion, image -> image.write(guestOffset, data.bytes()));
            return true;
        }
        if (isAtOnce(durability)) {
            return false;
        }
        try {
            if (!requireWritable().tryWrite(guestOffset, data.bytes())) {
                return false;
            }
        } catch (IOException | RuntimeException e) {
            completion.failed(DeviceErrors.describe(e));
            return true;
        }
        completion.succeeded();
        return true;
    }

    @Override
    public void writeZeroes(
            long guestOffset, long lengthBytes, Set<ZeroOption> options, Durability durability, Completion completion) {
        ZeroRequest request = new ZeroRequest(guestOffset, lengthBytes, options);
        Optional<IOException> slow = request.slow(clusterBytes);
        if (slow.isPresent()) {
            completion.failed(slow.get());
            return;
        }
        change(durability, completion, image -> {
            if (request.isData()) {
                request.writeAsData(image::write);
            } else {
                image.writeZeroes(guestOffset, lengthBytes);
            }
        });
    }

    @Override
    public void trim(long guestOffset, long lengthBytes, Durability durability, Completion completion) {
        change(durability, completion, image -> image.discard(guestOffset, lengthBytes));
    }

    /** A change of the image. */
    @FunctionalInterface
    private interface Change {
        void make(PlainImage image) throws IOException;
    }

    private void change(Durability durability, Completion completion, Change change) {
        try {
            change.make(requireWritable());
        } catch (IOException | RuntimeException e) {
            completion.failed(DeviceErrors.describe(e));
            return;
        }
        if (isAtOnce(durability)) {
            flush(completion);
        } else {
            completion.succeeded();
        }
    }

    private boolean isAtOnce(Durability durability) {
        return durability == Durability.ON_COMPLETION || cacheMode == CacheMode.WRITETHROUGH;
    }

    private PlainImage requireWritable() throws BlockDeviceException {
        if (writable == null) {
            throw new BlockDeviceException(DeviceError.READ_ONLY, image.name() + " was opened for reading only");
        }
        return writable;
    }

    @Override
    public void cache(long guestOffset, long lengthBytes) throws IOException {
        reads.cache(guestOffset, lengthBytes);
    }

    @Override
    public void flush(Completion completion) {
        flushes.flush(completion);
    }

    @Override
    public void blockStatus(long guestOffset, long lengthBytes, BlockStatusSink sink) throws IOException {
        reads.blockStatus(guestOffset, lengthBytes, sink);
    }

    /**
     * One second has passed: ends the image's dirty period once nobody has allocated for some seconds. Called by one thread.
     *
     * @throws IOException if the disk failed; the file stays marked as needing a check
     */
    public void tick() throws IOException {
        if (needCheckTimer != null) {
            needCheckTimer.tick();
        }
    }

    /** Flushes, marks the file clean and closes it. Nobody may be using the device any more. */
    @Override
    public void close() throws IOException {
        image.close();
    }
}
