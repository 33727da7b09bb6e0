package io.qedstore.qed;

import java.io.IOException;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The block status of a whole chain: which layer decides what the guest reads, and where its bytes lie. Adjacent pieces
 * that are alike come as one.
 */
public final class ChainExtents {
    private static final long MAX_ASK_BYTES = 1L << 40;

    /**
     * Guest bytes {@code [guestOffset, guestOffset + lengthBytes)} of one status.
     *
     * @param depth 0 for the top image, 1 for its backing file, and so on
     * @param kind data, zeros, or unallocated all the way down, which reads as zeros
     * @param layer the image that decides
     * @param fileOffset in the layer's file, if the bytes have a place there
     */
    public record ChainExtent(
            long guestOffset,
            long lengthBytes,
            int depth,
            GuestImage.Kind kind,
            GuestImage layer,
            OptionalLong fileOffset) {

        private boolean continuedBy(ChainExtent next) {
            boolean adjacent = fileOffset.isEmpty()
                    ? next.fileOffset.isEmpty()
                    : next.fileOffset.isPresent()
                            && next.fileOffset.getAsLong() == fileOffset.getAsLong() + lengthBytes;
            return adjacent && depth == next.depth && kind == next.kind;
        }

        private ChainExtent with(ChainExtent next) {
            return new ChainExtent(guestOffset, lengthBytes + next.lengthBytes, depth, kind, layer, fileOffset);
        }
    }

    /** Takes extents in guest order. */
    @FunctionalInterface
    public interface ExtentConsumer {
        void extent(ChainExtent extent) throws IOException;
    }

    private ChainExtents() {}

    /** Walks the whole disk. */
    public static void forEach(GuestImage top, ExtentConsumer consumer) throws IOException {
        ChainExtent pending = null;
        long size = top.sizeBytes();
        for (long at = 0; at < size; ) {
            ChainExtent extent = at(top, at, Math.min(size - at, MAX_ASK_BYTES));
            at += extent.lengthBytes();
            if (pending != null && pending.continuedBy(extent)) {
                pending = pending.with(extent);
            } else {
                if (pending != null) {
                    consumer.extent(pending);
                }
                pending = extent;
            }
        }
        if (pending != null) {
            consumer.extent(pending);
        }
    }

    /**
     * The status at a guest offset inside the disk, for at most {@code maxBytes} bytes.
     *
     * <p>Where a backing file is shorter than the image in front of it, what that one leaves unallocated behind its end is
     * unallocated.
     */
    public static ChainExtent at(GuestImage top, long guestOffset, long maxBytes) throws IOException {
        return Objects.requireNonNull(walkDown(top, guestOffset, maxBytes, GuestImage::extent));
    }

    /** As {@link #at}, where the answer is in memory; null where it is not. */
    public static @Nullable ChainExtent atIfCached(GuestImage top, long guestOffset, long maxBytes) throws IOException {
        return walkDown(top, guestOffset, maxBytes, GuestImage::extentIfCached);
    }

    @FunctionalInterface
    private interface Lookup {
        GuestImage.@Nullable Extent extent(GuestImage layer, long guestOffset, long maxBytes) throws IOException;
    }

    private static @Nullable ChainExtent walkDown(GuestImage top, long guestOffset, long maxBytes, Lookup lookup)
            throws IOException {
        GuestImage layer = top;
        long length = maxBytes;
        for (int depth = 0; ; depth++) {
            GuestImage.Extent extent = lookup.extent(layer, guestOffset, length);
            if (extent == null) {
                return null;
            }
            length = extent.lengthBytes();
            GuestImage behind = layer.backing();
            long shown = behind == null ? 0 : behind.sizeBytes() - guestOffset;
            if (extent.kind() != GuestImage.Kind.UNALLOCATED || behind == null || shown <= 0) {
                return new ChainExtent(guestOffset, length, depth, extent.kind(), layer, extent.fileOffset());
            }
            length = Math.min(length, shown);
            layer = behind;
        }
    }
}
