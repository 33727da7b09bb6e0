package io.qedstore.qed.table;

import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The slices of L2 tables that are in memory, at most a fixed number of them; the one not used for longest goes first.
 * Slices that a plan has pinned stay beyond the limit.
 *
 * <p>Guarded by the image's plan lock, which is released while a slice is read, so that a slow disk stops only those who
 * need that slice. A slice that is being read keeps its place, hence nobody can change and evict it meanwhile.
 */
final class L2Cache {
    private final FileView file;
    private final ReentrantLock lock;
    private final Condition loaded;
    private final int capacity;
    private final LinkedHashMap<Long, L2Slice> slices = new LinkedHashMap<>(16, 0.75f, true);
    private long generation;

    L2Cache(FileView file, ReentrantLock lock, long limitBytes) {
        this.file = file;
        this.lock = lock;
        this.loaded = lock.newCondition();
        this.capacity = Math.toIntExact(Math.max(1, Math.min(Integer.MAX_VALUE, limitBytes / L2Slice.BYTES)));
    }

    /** The slice's entries if they are in memory; never releases the lock. */
    @Nullable
    L2Slice ifPresent(long fileOffset) {
        L2Slice slice = slices.get(fileOffset);
        return slice == null || slice.entries == null ? null : slice;
    }

    /**
     * Reads a slice that is not in memory. The lock is released meanwhile: what the caller knew of other slices may be
     * outdated.
     *
     * @return the slice, pinned; null if another thread loaded it or everything was forgotten meanwhile: look again
     */
    @Nullable
    L2Slice load(long fileOffset) throws IOException {
        L2Slice present = slices.get(fileOffset);
        if (present != null) {
            while (present.entries == null && slices.get(fileOffset) == present) {
                loaded.awaitUninterruptibly();
            }
            return null;
        }
        L2Slice slice = new L2Slice(fileOffset);
        slice.pins = 1;
        slices.put(fileOffset, slice);
        long startedIn = generation;
        long[] entries = null;
        lock.unlock();
        try {
            entries = read(fileOffset);
        } finally {
            lock.lock();
            if (entries != null && generation == startedIn) {
                slice.entries = entries;
                evictBeyondCapacity();
            } else {
                slices.remove(fileOffset, slice);
            }
            loaded.signalAll();
        }
        return slice.entries == null ? null : slice;
    }

    private long[] read(long fileOffset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(L2Slice.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(fileOffset, bytes);
        long[] entries = new long[L2Slice.ENTRIES];
        bytes.flip().asLongBuffer().get(entries);
        return entries;
    }

    private void evictBeyondCapacity() {
        Iterator<L2Slice> oldestFirst = slices.values().iterator();
        for (int excess = slices.size() - capacity; excess > 0 && oldestFirst.hasNext(); ) {
            L2Slice slice = oldestFirst.next();
            if (slice.pins == 0 && slice.entries != null) {
                oldestFirst.remove();
                excess--;
            }
        }
    }

    /** Counts how often everything was forgotten. */
    long generation() {
        return generation;
    }

    void unpin(L2Slice slice) {
        slice.pins--;
        if (slices.size() > capacity) {
            evictBeyondCapacity();
        }
    }

    /** Forgets everything; a load under way is not believed. Pinned slices are forgotten too. */
    void clear() {
        generation++;
        slices.clear();
        loaded.signalAll();
    }

    /** Bytes of table that are in memory. */
    long bytes() {
        return (long) slices.size() * L2Slice.BYTES;
    }
}
