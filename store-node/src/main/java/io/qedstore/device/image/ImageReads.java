package io.qedstore.device.image;

import io.qedstore.device.Allocation;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.device.Patience;
import io.qedstore.device.ReadReply;
import io.qedstore.qed.ChainExtents;
import io.qedstore.qed.ChainExtents.ChainExtent;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.GuestImage.Kind;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** What a device that is an image answers to those who ask for its content. Any thread may use it. */
public final class ImageReads {
    /** How many lookups one block status makes at most: it may have to read 4 KiB of table for each. */
    private static final int MAX_STATUS_LOOKUPS = 1 << 12;

    private final GuestImage image;

    public ImageReads(GuestImage image) {
        this.image = image;
    }

    /** As {@link io.qedstore.device.BlockDevice#read}. */
    public boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException {
        long end = guestOffset + lengthBytes;
        for (long at = guestOffset; at < end; ) {
            ChainExtent extent = patience == Patience.NOW
                    ? ChainExtents.atIfCached(image, at, end - at)
                    : ChainExtents.at(image, at, end - at);
            if (extent == null || !read(extent, reply, patience)) {
                return false;
            }
            at += extent.lengthBytes();
        }
        return true;
    }

    private static boolean read(ChainExtent extent, ReadReply reply, Patience patience) throws IOException {
        int lengthBytes = (int) extent.lengthBytes();
        if (extent.kind() != Kind.DATA) {
            reply.zeroes(lengthBytes);
            return true;
        }
        FileView view = extent.layer().view();
        long fileOffset = extent.fileOffset().orElseThrow();
        if (reply.takesFile(lengthBytes)) {
            Optional<FileChannel> file = view.sendableFile();
            boolean whole = fileOffset + lengthBytes <= view.length();
            if (file.isPresent() && whole && view.isCached(fileOffset, lengthBytes)) {
                reply.file(file.get(), fileOffset, lengthBytes);
                return true;
            }
            if (patience == Patience.NOW) {
                return false;
            }
        }
        ByteBuffer target = reply.bytes(lengthBytes);
        if (patience == Patience.NOW) {
            return view.readIfCached(fileOffset, target);
        }
        view.read(fileOffset, target);
        return true;
    }

    /** As {@link io.qedstore.device.BlockDevice#cache}. */
    public void cache(long guestOffset, long lengthBytes) throws IOException {
        long end = guestOffset + lengthBytes;
        for (long at = guestOffset; at < end; ) {
            ChainExtent extent = ChainExtents.at(image, at, end - at);
            if (extent.kind() == Kind.DATA) {
                extent.layer().view().prefetch(extent.fileOffset().orElseThrow(), extent.lengthBytes());
            }
            at += extent.lengthBytes();
        }
    }

    /** As {@link io.qedstore.device.BlockDevice#blockStatus}. */
    public void blockStatus(long guestOffset, long lengthBytes, BlockStatusSink sink) throws IOException {
        long end = guestOffset + lengthBytes;
        boolean wanted = true;
        for (long at = guestOffset, lookups = 0; at < end && wanted && lookups < MAX_STATUS_LOOKUPS; lookups++) {
            ChainExtent extent = ChainExtents.at(image, at, end - at);
            Allocation allocation = extent.kind() == Kind.DATA ? Allocation.DATA : Allocation.HOLE;
            wanted = sink.extent(extent.lengthBytes(), allocation, depth(extent));
            at += extent.lengthBytes();
        }
    }

    /**
     * From 1 for the top image on. What no file holds has depth 0, unless a backing file is too short to hold it: its zeros
     * count as that file's, as they do for qemu.
     */
    private static int depth(ChainExtent extent) {
        if (extent.kind() != Kind.UNALLOCATED) {
            return extent.depth() + 1;
        }
        return extent.layer().backing() == null ? 0 : extent.depth() + 2;
    }
}
