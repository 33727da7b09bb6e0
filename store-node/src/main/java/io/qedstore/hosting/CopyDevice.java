package io.qedstore.hosting;

import io.qedstore.content.DifferingBlockException;
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
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * This node's copy of an image, to read, as it is now: each request sees the image behind one event, a later request the same or a
 * later one. It waits for no log, so it may be behind what clients of the owner have written.
 */
public final class CopyDevice implements BlockDevice {
    private static final int PREFERRED_READ_BYTES = 1 << 16;

    private final String name;
    private final CopyFile copy;
    private final Behind behind;

    /** Its tables are those of one event; by the lock of this object. */
    private @Nullable QedImage image;

    private long imageOf = -1;

    /** What the image lies over; opened once. By the same lock. */
    private @Nullable GuestImage base;

    /** What lies behind the image. */
    @FunctionalInterface
    interface Behind {
        /** @return null if nothing does */
        @Nullable
        GuestImage open() throws IOException;
    }

    CopyDevice(String name, CopyFile copy, Behind behind) {
        this.name = name;
        this.copy = copy;
        this.behind = behind;
    }

    @FunctionalInterface
    private interface Use<T> {
        T of(QedImage image) throws IOException;
    }

    /** Uses the image while nothing is applied to it; more than once if it has to be restored first. */
    private <T> T use(Use<T> use) throws IOException {
        while (true) {
            DifferingBlockException differing;
            Lock content = copy.folded().content();
            content.lock();
            try {
                return use.of(current());
            } catch (IOException e) {
                differing = DifferingBlockException.causeOf(e);
            } finally {
                content.unlock();
            }
            copy.settle(differing.block());
        }
    }

    private synchronized QedImage current() throws IOException {
        long holds = copy.folded().holds();
        QedImage there = image;
        if (holds != copy.folded().mayHold()) {
            throw new BlockDeviceException(
                    DeviceError.IO,
                    "the copy of " + name + " is whole at event " + holds + ", and has parts of those up to event "
                            + copy.folded().mayHold() + ", after a crash or a failure of the disk; wait until it has"
                            + " followed its log");
        }
        if (there != null && imageOf == holds) {
            return there;
        }
        if (holds == 0) {
            throw new BlockDeviceException(
                    DeviceError.IO, "the copy of " + name + " holds nothing yet; wait until it has followed its log");
        }
        FileView file = copy.servedStill();
        HeaderReader start = HeaderReader.read(file, HeaderLayout.FINAL);
        QedImage opened = QedImage.open(name, file, () -> {}, start.header(), base(), QedImage.DEFAULT_L2_CACHE_BYTES);
        image = opened;
        imageOf = holds;
        return opened;
    }

    private @Nullable GuestImage base() throws IOException {
        if (base == null) {
            base = behind.open();
        }
        return base;
    }

    /** @throws IOException if there is nothing to read now, with the reason */
    public void requireReadable() throws IOException {
        use(now -> now);
    }

    @Override
    public long sizeBytes() {
        try {
            return use(QedImage::sizeBytes);
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public DurabilityScope durabilityScope() {
        return DurabilityScope.DEVICE;
    }

    @Override
    public int preferredBlockBytes() {
        return PREFERRED_READ_BYTES;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IOException also if something was damaged and is restored now: the reply has a part of it already
     */
    @Override
    public boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException {
        if (patience == Patience.NOW) {
            return false; // it would wait for whoever applies
        }
        boolean[] begun = {false};
        read(guestOffset, lengthBytes, () -> {
            if (begun[0]) {
                throw new IOException("what was read of " + name + " at " + guestOffset
                        + " was damaged, and is restored; read it again");
            }
            begun[0] = true;
            return reply;
        });
        return true;
    }

    @Override
    public void read(long guestOffset, int lengthBytes, Supplier<? extends ReadReply> replies, Completion completion) {
        try {
            read(guestOffset, lengthBytes, replies::get);
        } catch (IOException e) {
            completion.failed(e);
            return;
        }
        completion.succeeded();
    }

    /** One for each attempt. */
    @FunctionalInterface
    private interface Replies {
        ReadReply next() throws IOException;
    }

    private void read(long guestOffset, int lengthBytes, Replies replies) throws IOException {
        use(now -> new ImageReads(now).read(guestOffset, lengthBytes, new CopiedReply(replies.next()), Patience.WAIT));
    }

    /** Takes bytes, and no ranges of the file: what those hold when they are sent may be another event's. */
    private record CopiedReply(ReadReply reply) implements ReadReply {
        @Override
        public ByteBuffer bytes(int lengthBytes) {
            return reply.bytes(lengthBytes);
        }

        @Override
        public void zeroes(int lengthBytes) {
            reply.zeroes(lengthBytes);
        }
    }

    @Override
    public void cache(long guestOffset, long lengthBytes) throws IOException {
        use(now -> {
            new ImageReads(now).cache(guestOffset, lengthBytes);
            return now;
        });
    }

    @Override
    public void blockStatus(long guestOffset, long lengthBytes, BlockStatusSink sink) throws IOException {
        use(now -> {
            new ImageReads(now).blockStatus(guestOffset, lengthBytes, sink);
            return now;
        });
    }

    @Override
    public boolean write(
            long guestOffset, Payload data, Durability durability, Patience patience, Completion completion) {
        completion.failed(readOnly());
        return true;
    }

    @Override
    public void writeZeroes(
            long guestOffset, long lengthBytes, Set<ZeroOption> options, Durability durability, Completion completion) {
        completion.failed(readOnly());
    }

    @Override
    public void trim(long guestOffset, long lengthBytes, Durability durability, Completion completion) {
        completion.failed(readOnly());
    }

    private BlockDeviceException readOnly() {
        return new BlockDeviceException(DeviceError.READ_ONLY, name + " is a copy, to read");
    }

    @Override
    public void flush(Completion completion) {
        completion.succeeded();
    }

    @Override
    public void close() {}
}
