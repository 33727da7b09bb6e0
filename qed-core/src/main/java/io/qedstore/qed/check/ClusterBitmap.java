package io.qedstore.qed.check;

import java.util.HashMap;
import java.util.Map;

/**
 * One bit for each cluster of a file, in pages that exist only where a bit is set: a file that claims to be huge costs
 * no more than what its tables really point to.
 */
final class ClusterBitmap {
    private static final int PAGE_BITS = 1 << 15;
    private static final int PAGE_BYTES = PAGE_BITS / Byte.SIZE;

    private final Map<Long, long[]> pages = new HashMap<>();
    private final long maxPages;
    private long lastPageNumber = -1;
    private long[] lastPage = new long[0];
    private long marked;

    ClusterBitmap(long limitBytes) {
        this.maxPages = Math.max(1, limitBytes / PAGE_BYTES);
    }

    /**
     * Sets a bit.
     *
     * @return whether it was clear
     * @throws CheckLimitException if one more page would break the limit
     */
    boolean mark(long cluster) throws CheckLimitException {
        long[] page = page(cluster / PAGE_BITS);
        int bit = (int) (cluster % PAGE_BITS);
        long mask = 1L << bit;
        if ((page[bit >>> 6] & mask) != 0) {
            return false;
        }
        page[bit >>> 6] |= mask;
        marked++;
        return true;
    }

    private long[] page(long number) throws CheckLimitException {
        if (number != lastPageNumber) {
            long[] page = pages.get(number);
            if (page == null) {
                if (pages.size() >= maxPages) {
                    throw new CheckLimitException(maxPages * PAGE_BYTES);
                }
                page = new long[PAGE_BITS / Long.SIZE];
                pages.put(number, page);
            }
            lastPageNumber = number;
            lastPage = page;
        }
        return lastPage;
    }

    long marked() {
        return marked;
    }
}
