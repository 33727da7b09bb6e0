package io.qedstore.qed.copy;

import io.qedstore.qed.ChainExtents;
import io.qedstore.qed.ChainExtents.ChainExtent;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.WritableImage;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Copies what a guest sees from one disk to another that is at least as large.
 *
 * <p>Works from the first sector to the last, 2 MiB at a time. Zeros are not written where the target reads as zeros
 * anyway: extents that are known to be zero, and runs of zeros in data, from {@code minZeroBytes} on.
 */
public final class DiskConversion {
    private static final int BUFFER_BYTES = 2 << 20;

    /** Zeros of at least this many bytes in data are left out by default. */
    public static final int DEFAULT_MIN_ZERO_BYTES = 4096;

    private final GuestImage source;
    private final WritableImage target;
    private final boolean targetReadsZero;
    private final int minZeroSectors;
    private final int alignmentSectors;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private DiskConversion(GuestImage source, WritableImage target, boolean targetReadsZero, int minZeroBytes) {
        this.source = source;
        this.target = target;
        this.targetReadsZero = targetReadsZero;
        this.minZeroSectors = minZeroBytes / SectorRuns.SECTOR;
        this.alignmentSectors = Math.max(1, Integer.highestOneBit(minZeroSectors));
    }

    /**
     * Copies and flushes.
     *
     * @param targetReadsZero whether what is not written reads as zeros; else zeros are written as such
     * @param minZeroBytes 0 writes every sector, holes included
     */
    public static void copy(
            GuestImage source, WritableImage target, boolean targetReadsZero, int minZeroBytes, CopyProgress progress)
            throws IOException {
        new DiskConversion(source, target, targetReadsZero, minZeroBytes).copy(progress);
        target.flush();
    }

    private void copy(CopyProgress progress) throws IOException {
        long size = source.sizeBytes();
        ChainExtents.forEach(source, extent -> {
            boolean data = extent.kind() == GuestImage.Kind.DATA || minZeroSectors == 0;
            if (data) {
                copyData(extent, progress, size);
            } else {
                writeZeroes(extent.guestOffset(), extent.lengthBytes());
            }
            progress.at(extent.guestOffset() + extent.lengthBytes(), size);
        });
    }

    private void copyData(ChainExtent extent, CopyProgress progress, long size) throws IOException {
        long end = extent.guestOffset() + extent.lengthBytes();
        for (long at = extent.guestOffset(); at < end; ) {
            buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - at));
            source.read(at, buffer);
            buffer.flip();
            writeData(at);
            at += buffer.limit();
            progress.at(at, size);
        }
    }

    private void writeData(long guestOffset) throws IOException {
        int sectors = buffer.limit() / SectorRuns.SECTOR;
        long diskSector = guestOffset / SectorRuns.SECTOR;
        for (int from = 0; from < sectors; ) {
            SectorRuns.Run run = minZeroSectors == 0
                    ? new SectorRuns.Run(sectors, true)
                    : SectorRuns.runWithGaps(buffer, from, sectors, diskSector, alignmentSectors, minZeroSectors);
            long at = guestOffset + (long) from * SectorRuns.SECTOR;
            int length = run.sectors() * SectorRuns.SECTOR;
            if (run.data()) {
                target.write(at, buffer.slice(from * SectorRuns.SECTOR, length));
            } else {
                writeZeroes(at, length);
            }
            from += run.sectors();
        }
    }

    private void writeZeroes(long guestOffset, long lengthBytes) throws IOException {
        if (!targetReadsZero) {
            target.writeZeroes(guestOffset, lengthBytes);
        }
    }
}
