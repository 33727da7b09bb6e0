package io.qedstore.qed.copy;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.WritableImage;
import io.qedstore.qed.file.Zeros;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes an overlay independent of its backing file: where it holds nothing itself and another backing file would show
 * other bytes, it gets the ones that it shows now. Only then may the name in its header change.
 */
public final class DiskRebase {
    private static final int BUFFER_BYTES = 2 << 20;

    private DiskRebase() {}

    /**
     * Copies the differences and flushes.
     *
     * @param overlay opened with its present backing file
     * @param newBacking what will be behind it; null for nothing
     */
    public static void copyDifferences(WritableImage overlay, @Nullable GuestImage newBacking, CopyProgress progress)
            throws IOException {
        GuestImage oldBacking = overlay.backing();
        long size = overlay.sizeBytes();
        ByteBuffer before = ByteBuffer.allocateDirect(BUFFER_BYTES);
        ByteBuffer after = ByteBuffer.allocateDirect(BUFFER_BYTES);
        for (long at = 0; at < size; ) {
            GuestImage.Extent extent = overlay.extent(at, Math.min(BUFFER_BYTES, size - at));
            int length = Math.toIntExact(extent.lengthBytes());
            if (extent.kind() == GuestImage.Kind.UNALLOCATED) {
                read(oldBacking, at, before, length);
                read(newBacking, at, after, length);
                writeDifferences(overlay, at, before, after);
            }
            at += length;
            progress.at(at, size);
        }
        overlay.flush();
    }

    private static void read(@Nullable GuestImage image, long guestOffset, ByteBuffer target, int lengthBytes)
            throws IOException {
        target.clear().limit(lengthBytes);
        if (image != null) {
            image.read(guestOffset, target);
        } else {
            Zeros.fill(target);
        }
        target.flip();
    }

    private static void writeDifferences(WritableImage overlay, long guestOffset, ByteBuffer before, ByteBuffer after)
            throws IOException {
        int sectors = before.limit() / SectorRuns.SECTOR;
        for (int from = 0; from < sectors; ) {
            SectorRuns.Run run = SectorRuns.difference(before, after, from, sectors);
            if (run.data()) {
                int start = from * SectorRuns.SECTOR;
                overlay.write(guestOffset + start, before.slice(start, run.sectors() * SectorRuns.SECTOR));
            }
            from += run.sectors();
        }
    }
}
