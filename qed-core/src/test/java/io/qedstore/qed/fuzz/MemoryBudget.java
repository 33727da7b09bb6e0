package io.qedstore.qed.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Compares what this thread allocates with what it may.
 *
 * <p>The allowance is a constant of {@link #CONSTANT_BYTES}, {@link #PER_REAL_BYTE} times the bytes that the file really
 * holds, and what each thing that was asked for costs by its own size. What the file merely claims (its length, offsets
 * in its tables) buys nothing, with one exception: the L1 table of an image of the claimed size, 16 MiB at the most.
 */
final class MemoryBudget {
    private static final long CONSTANT_BYTES = 4 << 20;

    /**
     * An entry of 8 bytes may cost a page of 4 KiB in the bitmap of used clusters, if all point far apart; a check walks
     * real pages in chunks of 64 KiB.
     */
    private static final long PER_REAL_BYTE = 600;

    /** A slice of an L2 table, as bytes and as entries, and the change of all its entries. */
    private static final long SLICE_BYTES = 16 << 10;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long start;
    private long allowed;
    private long excluded;

    MemoryBudget(long realBytes) {
        this.start = THREADS.getCurrentThreadAllocatedBytes();
        this.allowed = CONSTANT_BYTES + PER_REAL_BYTE * realBytes;
    }

    /** Allows a request: its slices, its own bytes twice, and bytes of the backing file around it. */
    void allowRequest(long slices, long dataBytes, long aroundBytes) {
        allowed += (2 + slices) * SLICE_BYTES + 2 * dataBytes + 2 * aroundBytes;
    }

    /** Allows an image to be opened. */
    void allowOpen(int l1Entries) {
        allowed += CONSTANT_BYTES / 16 + 8L * l1Entries;
    }

    /** Bytes that the test itself allocated. */
    void exclude(long bytes) {
        excluded += bytes;
    }

    /** More was allocated than is allowed. */
    static final class ExceededException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private ExceededException(String message) {
            super(message);
        }
    }

    /** @throws ExceededException if more was allocated than is allowed */
    void check(String doing) {
        long used = THREADS.getCurrentThreadAllocatedBytes() - start - excluded;
        if (used > allowed) {
            throw new ExceededException(doing + " allocated " + used + " bytes, allowed are " + allowed);
        }
    }
}
