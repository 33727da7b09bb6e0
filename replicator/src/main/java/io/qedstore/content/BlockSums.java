package io.qedstore.content;

import io.qedstore.digest.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The digests of a file's blocks, and their sum. What changes stays in memory until it is stored, together with the place in the
 * log that it stands for: so what is stored is always what a file at that place contains. Safe for many threads.
 */
public final class BlockSums {
    /** The digests of so many blocks, one behind the other, are stored as a page. */
    public static final int PAGE_BLOCKS = 16;

    public static final int PAGE_BYTES = PAGE_BLOCKS * Digest.BYTES;

    private final Pages stored;

    // ---- guarded by this object's monitor

    private final ContentSum sum;
    private long lengthBytes;

    /** Pages that differ from those that are stored, and from those that are on their way there. */
    private NavigableMap<Long, byte[]> changed = new TreeMap<>();

    /** Those on their way, the newest first. */
    private final Deque<Change> underWay = new ArrayDeque<>();

    /** The page that was looked up last where they are stored, since most who look come for its neighbours; -1 for none. */
    private long lookedUp = -1;

    private byte @Nullable [] lookedUpPage;

    /** What is stored. */
    public interface Pages {
        /** @return null where all blocks of the page are zeros */
        byte @Nullable [] page(long number) throws IOException;

        /** The first page from one on that is there; none: {@link Long#MAX_VALUE}. */
        long next(long number) throws IOException;
    }

    /** What is to be stored at once. */
    public static final class Change {
        private final NavigableMap<Long, byte[]> pages;
        private final Digest sum;
        private final long lengthBytes;

        /**
         * @param pages by their numbers; they stay as they are
         * @param sum of all blocks then
         * @param lengthBytes of the file then
         */
        public Change(NavigableMap<Long, byte[]> pages, Digest sum, long lengthBytes) {
            this.pages = pages;
            this.sum = sum;
            this.lengthBytes = lengthBytes;
        }

        public NavigableMap<Long, byte[]> pages() {
            return pages;
        }

        public Digest sum() {
            return sum;
        }

        public long lengthBytes() {
            return lengthBytes;
        }
    }

    /**
     * @param sum of all blocks that are stored
     * @param lengthBytes of the file
     */
    public BlockSums(Pages stored, Digest sum, long lengthBytes) {
        this.stored = stored;
        this.sum = new ContentSum(sum);
        this.lengthBytes = lengthBytes;
    }

    /** How long the file is. */
    public synchronized long lengthBytes() {
        return lengthBytes;
    }

    /** Behind the file's last block. */
    public long end() {
        return (lengthBytes() + BlockDigest.BLOCK_BYTES - 1) / BlockDigest.BLOCK_BYTES;
    }

    synchronized void reaches(long fileOffset) {
        lengthBytes = Math.max(lengthBytes, fileOffset);
    }

    synchronized void endsAt(long newLengthBytes) {
        lengthBytes = newLengthBytes;
    }

    /** The sum of all blocks now. */
    public synchronized Digest sum() {
        return sum.value();
    }

    public synchronized Digest get(long block) throws IOException {
        byte[] page = page(block / PAGE_BLOCKS);
        return page == null ? Digest.NONE : Digest.read(ByteBuffer.wrap(page).position(offset(block)));
    }

    /** The first block from one on whose page says anything; none: {@link Long#MAX_VALUE}. */
    synchronized long next(long block) throws IOException {
        long from = block / PAGE_BLOCKS;
        long next = stored.next(from);
        next = Math.min(next, first(changed, from));
        for (Change change : underWay) {
            next = Math.min(next, first(change.pages(), from));
        }
        return next == Long.MAX_VALUE ? next : Math.max(block, next * PAGE_BLOCKS);
    }

    /** The first block from one on that is not all zeros; none: {@link Long#MAX_VALUE}. */
    synchronized long nextData(long block) throws IOException {
        long at = next(block);
        while (at != Long.MAX_VALUE && get(at).equals(Digest.NONE)) {
            at = next(at + 1);
        }
        return at;
    }

    private static long first(NavigableMap<Long, byte[]> pages, long from) {
        Long first = pages.ceilingKey(from);
        return first == null ? Long.MAX_VALUE : first;
    }

    private static int offset(long block) {
        return (int) (block % PAGE_BLOCKS) * Digest.BYTES;
    }

    private byte @Nullable [] page(long number) throws IOException {
        byte[] page = changed.get(number);
        if (page != null) {
            return page;
        }
        for (Change change : underWay) {
            page = change.pages().get(number);
            if (page != null) {
                return page;
            }
        }
        if (lookedUp != number) {
            lookedUpPage = stored.page(number);
            lookedUp = number;
        }
        return lookedUpPage;
    }

    synchronized void set(long block, Digest digest) throws IOException {
        Digest before = get(block);
        if (!before.equals(digest)) {
            digest.write(ByteBuffer.wrap(changed(block / PAGE_BLOCKS)).position(offset(block)));
            sum.replace(before, digest);
        }
    }

    /** All blocks of {@code [from, end)} are zeros now. */
    synchronized void clear(long from, long end) throws IOException {
        for (long block = next(from); block < end; block = next(block)) {
            long pageEnd = Math.min(end, (block / PAGE_BLOCKS + 1) * PAGE_BLOCKS);
            for (; block < pageEnd; block++) {
                set(block, Digest.NONE);
            }
        }
    }

    /** A page that may be changed. */
    private byte[] changed(long number) throws IOException {
        byte[] page = changed.get(number);
        if (page == null) {
            byte[] before = page(number);
            page = before == null ? new byte[PAGE_BYTES] : before.clone();
            changed.put(number, page);
        }
        return page;
    }

    /** Takes all that has changed since the last call; it is to be stored, and then {@link #stored}. */
    public synchronized Change take() {
        Change change = new Change(changed, sum.value(), lengthBytes);
        changed = new TreeMap<>();
        underWay.addFirst(change);
        return change;
    }

    /** A change is stored, and all that were taken before it. */
    public synchronized void stored(Change change) {
        lookedUp = -1;
        while (!underWay.isEmpty() && underWay.removeLast() != change) {
            // the next
        }
    }
}
