package io.qedstore.content;

import io.qedstore.digest.Digest;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a store holds of a file's sums: all pages and the sum of one moment. */
public final class StoredSums implements BlockSums.Pages {
    private final TreeMap<Long, byte[]> pages = new TreeMap<>();
    private Digest sum = Digest.NONE;
    private long lengthBytes;

    /** As it is stored now, and with what is stored later. */
    public BlockSums open() {
        return new BlockSums(this, sum, lengthBytes);
    }

    @Override
    public synchronized byte @Nullable [] page(long number) {
        return pages.get(number);
    }

    @Override
    public synchronized long next(long number) {
        Long next = pages.ceilingKey(number);
        return next == null ? Long.MAX_VALUE : next;
    }

    public synchronized void store(BlockSums.Change change) {
        pages.putAll(change.pages());
        sum = change.sum();
        lengthBytes = change.lengthBytes();
    }
}
