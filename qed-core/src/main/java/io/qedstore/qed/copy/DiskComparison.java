package io.qedstore.qed.copy;

import io.qedstore.qed.ChainExtents;
import io.qedstore.qed.ChainExtents.ChainExtent;
import io.qedstore.qed.GuestImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** Compares what guests see on two disks. A shorter disk counts as if zeros followed. */
public final class DiskComparison {
    /** Also the longest difference that is told at once. */
    public static final int BUFFER_BYTES = 2 << 20;

    private static final long MAX_ASK_BYTES = 1L << 40;

    private final GuestImage one;
    private final GuestImage other;
    private final int blockBytes;
    private final Differences found;
    private final ByteBuffer ofOne = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer ofOther = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** Hears of what differs, in guest order. */
    @FunctionalInterface
    public interface Differences {
        /**
         * Guests see different bytes here.
         *
         * @param ofOther what the other disk has there; good until this returns
         * @return whether to go on
         */
        boolean differ(long guestOffset, ByteBuffer ofOther) throws IOException;
    }

    private DiskComparison(GuestImage one, GuestImage other, int blockBytes, Differences found) {
        this.one = one;
        this.other = other;
        this.blockBytes = blockBytes;
        this.found = found;
    }

    /** The guest offset of the first sector that differs, if one does. */
    public static OptionalLong firstDifference(GuestImage one, GuestImage other, CopyProgress progress)
            throws IOException {
        long[] first = {-1};
        forEach(one, other, SectorRuns.SECTOR, progress, (guestOffset, ofOther) -> {
            first[0] = guestOffset;
            return false;
        });
        return first[0] < 0 ? OptionalLong.empty() : OptionalLong.of(first[0]);
    }

    /**
     * Tells of all that differs.
     *
     * @param blockBytes what differs is told in whole blocks of this size, but at the end of the disks; a divisor of {@value
     *     #BUFFER_BYTES}
     */
    public static void forEach(
            GuestImage one, GuestImage other, int blockBytes, CopyProgress progress, Differences found)
            throws IOException {
        new DiskComparison(one, other, blockBytes, found).run(progress);
    }

    private void run(CopyProgress progress) throws IOException {
        long size = Math.max(one.sizeBytes(), other.sizeBytes());
        for (long at = 0; at < size; ) {
            Piece ofFirst = piece(one, at, size);
            Piece ofSecond = piece(other, at, size);
            long length = Math.min(ofFirst.lengthBytes(), ofSecond.lengthBytes());
            long whole = length == size - at ? length : length / blockBytes * blockBytes;
            if (ofFirst.data() || ofSecond.data() || whole == 0) {
                whole = Math.min(Math.min(roundUp(length), size - at), BUFFER_BYTES);
                if (!compare(at, (int) whole)) {
                    return;
                }
            }
            at += whole;
            progress.at(at, size);
        }
    }

    private long roundUp(long length) {
        return (length + blockBytes - 1) / blockBytes * blockBytes;
    }

    /** A stretch that may hold data, or reads as zeros for certain. */
    private record Piece(long lengthBytes, boolean data) {}

    private static Piece piece(GuestImage image, long guestOffset, long size) throws IOException {
        if (guestOffset >= image.sizeBytes()) {
            return new Piece(size - guestOffset, false);
        }
        long maxBytes = Math.min(MAX_ASK_BYTES, image.sizeBytes() - guestOffset);
        ChainExtent extent = ChainExtents.at(image, guestOffset, maxBytes);
        return new Piece(extent.lengthBytes(), extent.kind() == GuestImage.Kind.DATA);
    }

    /** @return whether to go on */
    private boolean compare(long guestOffset, int lengthBytes) throws IOException {
        one.read(guestOffset, ofOne.clear().limit(lengthBytes));
        other.read(guestOffset, ofOther.clear().limit(lengthBytes));
        for (int at = 0; at < lengthBytes; ) {
            int mismatch = mismatch(at, lengthBytes);
            if (mismatch < 0) {
                return true;
            }
            int start = (at + mismatch) / blockBytes * blockBytes;
            int end = start;
            do {
                end = Math.min(end + blockBytes, lengthBytes);
            } while (end < lengthBytes && mismatch(end, Math.min(end + blockBytes, lengthBytes)) >= 0);
            if (!found.differ(guestOffset + start, ofOther.slice(start, end - start))) {
                return false;
            }
            at = end;
        }
        return true;
    }

    private int mismatch(int from, int to) {
        return ofOne.slice(from, to - from).mismatch(ofOther.slice(from, to - from));
    }
}
