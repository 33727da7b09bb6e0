package io.qedstore.qed.copy;

import io.qedstore.qed.format.ImageGeometry;
import java.nio.ByteBuffer;

/** Looks at buffers sector by sector. */
final class SectorRuns {
    static final int SECTOR = ImageGeometry.SECTOR_SIZE;
    private static final ByteBuffer ZERO_SECTOR = ByteBuffer.allocate(SECTOR).asReadOnlyBuffer();

    private SectorRuns() {}

    private static boolean isZero(ByteBuffer bytes, int sector) {
        int at = sector * SECTOR;
        return bytes.slice(at, Math.min(SECTOR, bytes.limit() - at))
                .equals(ZERO_SECTOR.slice(0, Math.min(SECTOR, bytes.limit() - at)));
    }

    /** Sectors in a buffer, and whether the first of a run of them is to be written. */
    record Run(int sectors, boolean data) {}

    /**
     * The run that starts at {@code from}: sectors that are all zero, or that are not, with its end moved to a multiple of
     * {@code alignment} sectors of the disk: outwards for data, inwards for zeros.
     *
     * @param diskSector number on the disk of the buffer's first sector
     */
    static Run run(ByteBuffer bytes, int from, int end, long diskSector, int alignment) {
        boolean zero = isZero(bytes, from);
        int at = from + 1;
        while (at < end && isZero(bytes, at) == zero) {
            at++;
        }
        if (at == end) {
            return new Run(end - from, !zero);
        }
        int length = at - from;
        int tail = (int) ((diskSector + at) & (alignment - 1));
        if (tail != 0) {
            zero = zero && length > tail;
            length = zero ? length - tail : length + alignment - tail;
        }
        return new Run(Math.min(length, end - from), !zero);
    }

    /** Like {@link #run}, but zeros shorter than {@code minZeros} sectors between data count as data. */
    static Run runWithGaps(ByteBuffer bytes, int from, int end, long diskSector, int alignment, int minZeros) {
        int enough = Math.min(minZeros, end - from);
        Run first = run(bytes, from, end, diskSector, alignment);
        if (!first.data()) {
            return first;
        }
        int used = first.sectors();
        for (int at = from + used; at < end; ) {
            Run next = run(bytes, at, end, diskSector, alignment);
            at += next.sectors();
            if (next.data()) {
                used = at - from;
            } else if (next.sectors() >= enough) {
                break;
            }
        }
        return new Run(used, true);
    }

    /** Sectors from {@code from} on that are equal in both buffers, or all differ. {@code data} means that they differ. */
    static Run difference(ByteBuffer one, ByteBuffer other, int from, int end) {
        boolean equal = isEqual(one, other, from);
        int at = from + 1;
        while (at < end && isEqual(one, other, at) == equal) {
            at++;
        }
        return new Run(at - from, !equal);
    }

    private static boolean isEqual(ByteBuffer one, ByteBuffer other, int sector) {
        int at = sector * SECTOR;
        int length = Math.min(SECTOR, one.limit() - at);
        return one.slice(at, length).equals(other.slice(at, length));
    }
}
