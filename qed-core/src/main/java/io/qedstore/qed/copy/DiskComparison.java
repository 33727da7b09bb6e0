package io.qedstore.qed.copy;

import io.qedstore.qed.ChainExtents;
import io.qedstore.qed.ChainExtents.ChainExtent;
import io.qedstore.qed.GuestImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** Compares what guests see on two disks. A shorter disk counts as if zeros followed. */
public final class DiskComparison {
    private static final int BUFFER_BYTES = 2 << 20;
    private static final long MAX_ASK_BYTES = 1L << 40;

    private final GuestImage one;
    private final GuestImage other;
    private final ByteBuffer ofOne = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer ofOther = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private DiskComparison(GuestImage one, GuestImage other) {
        this.one = one;
        this.other = other;
    }

    /** The guest offset of the first sector that differs, if one does. */
    public static OptionalLong firstDifference(GuestImage one, GuestImage other, CopyProgress progress)
            throws IOException {
        return new DiskComparison(one, other).run(progress);
    }

    private OptionalLong run(CopyProgress progress) throws IOException {
        long size = Math.max(one.sizeBytes(), other.sizeBytes());
        for (long at = 0; at < size; ) {
            Piece ofFirst = piece(one, at, size);
            Piece ofSecond = piece(other, at, size);
            long length = Math.min(ofFirst.lengthBytes(), ofSecond.lengthBytes());
            if (ofFirst.data() || ofSecond.data()) {
                length = Math.min(length, BUFFER_BYTES);
                OptionalLong difference = compare(at, (int) length);
                if (difference.isPresent()) {
                    return difference;
                }
            }
            at += length;
            progress.at(at, size);
        }
        return OptionalLong.empty();
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

    private OptionalLong compare(long guestOffset, int lengthBytes) throws IOException {
        one.read(guestOffset, ofOne.clear().limit(lengthBytes));
        other.read(guestOffset, ofOther.clear().limit(lengthBytes));
        int mismatch = ofOne.flip().mismatch(ofOther.flip());
        return mismatch < 0
                ? OptionalLong.empty()
                : OptionalLong.of((guestOffset + mismatch) / SectorRuns.SECTOR * SectorRuns.SECTOR);
    }
}
