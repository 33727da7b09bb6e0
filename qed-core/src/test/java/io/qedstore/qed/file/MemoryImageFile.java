package io.qedstore.qed.file;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A file in memory, in pages of 4 KiB that exist only where something was written: as sparse as the files of a file
 * system with holes, and fast enough for thousands of images in one test. Guarded by itself.
 */
public final class MemoryImageFile implements ImageFile {
    private static final int PAGE_BYTES = 4096;

    private final TreeMap<Long, byte[]> pages = new TreeMap<>();
    private long length;
    private volatile Runnable onSync = () -> {};

    /** A file with these bytes. */
    public static MemoryImageFile of(byte[] bytes) {
        MemoryImageFile file = new MemoryImageFile();
        file.write(0, ByteBuffer.wrap(bytes));
        return file;
    }

    /** Another file with the same bytes and holes. */
    public synchronized MemoryImageFile copy() {
        MemoryImageFile copy = new MemoryImageFile();
        pages.forEach((number, page) -> copy.pages.put(number, page.clone()));
        copy.length = length;
        return copy;
    }

    @Override
    public synchronized void read(long fileOffset, ByteBuffer target) {
        for (long at = fileOffset; target.hasRemaining(); ) {
            int inPage = (int) (at % PAGE_BYTES);
            int count = Math.min(PAGE_BYTES - inPage, target.remaining());
            byte[] page = pages.get(at / PAGE_BYTES);
            target.put(page == null ? new byte[count] : page, page == null ? 0 : inPage, count);
            at += count;
        }
    }

    @Override
    public synchronized void write(long fileOffset, ByteBuffer source) {
        long at = fileOffset;
        while (source.hasRemaining()) {
            int inPage = (int) (at % PAGE_BYTES);
            int count = Math.min(PAGE_BYTES - inPage, source.remaining());
            source.get(pages.computeIfAbsent(at / PAGE_BYTES, number -> new byte[PAGE_BYTES]), inPage, count);
            at += count;
        }
        length = Math.max(length, at);
    }

    @Override
    public synchronized void zero(long fileOffset, long lengthBytes) {
        erase(fileOffset, fileOffset + lengthBytes);
        length = Math.max(length, fileOffset + lengthBytes);
    }

    private void erase(long from, long to) {
        if (from < to) {
            long firstWhole = pageAfter(from);
            pages.subMap(firstWhole, Math.max(firstWhole, to / PAGE_BYTES)).clear();
            erasePart(from, Math.min(to, (from / PAGE_BYTES + 1) * PAGE_BYTES));
            erasePart(Math.max(from, to / PAGE_BYTES * PAGE_BYTES), to);
        }
    }

    /** The first page that starts at or after an offset. */
    private static long pageAfter(long fileOffset) {
        return Math.floorDiv(fileOffset + PAGE_BYTES - 1, PAGE_BYTES);
    }

    private void erasePart(long from, long to) {
        byte[] page = pages.get(from / PAGE_BYTES);
        if (page != null && from < to) {
            int start = (int) (from % PAGE_BYTES);
            Arrays.fill(page, start, start + (int) (to - from), (byte) 0);
        }
    }

    @Override
    public synchronized void setLength(long lengthBytes) {
        if (lengthBytes < length) {
            pages.tailMap(pageAfter(lengthBytes)).clear();
            erasePart(lengthBytes, pageAfter(lengthBytes) * PAGE_BYTES);
        }
        length = lengthBytes;
    }

    /** What happens in each sync from now on. */
    public void onSync(Runnable action) {
        onSync = action;
    }

    @Override
    public void sync() {
        onSync.run();
    }

    @Override
    public synchronized long length() {
        return length;
    }

    @Override
    public synchronized long nextData(long fileOffset) {
        Long page = pages.ceilingKey(fileOffset / PAGE_BYTES);
        return page == null ? length : Math.min(length, Math.max(fileOffset, page * PAGE_BYTES));
    }

    @Override
    public synchronized long nextHole(long fileOffset) {
        long page = fileOffset / PAGE_BYTES;
        while (pages.containsKey(page)) {
            page++;
        }
        return Math.min(length, Math.max(fileOffset, page * PAGE_BYTES));
    }

    /** All bytes, for files that are small. */
    public synchronized byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length));
        read(0, bytes);
        return bytes.array();
    }

    /** Where the first byte that differs from the other file's lies; one file's end counts if the other goes on. */
    public synchronized OptionalLong firstDifference(MemoryImageFile other) {
        OptionalLong here = firstDifferenceInPages(other);
        OptionalLong there = other.firstDifferenceInPages(this);
        long first = Math.min(here.orElse(Long.MAX_VALUE), there.orElse(Long.MAX_VALUE));
        if (length() != other.length()) {
            first = Math.min(first, Math.min(length(), other.length()));
        }
        return first == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(first);
    }

    private OptionalLong firstDifferenceInPages(MemoryImageFile other) {
        byte[] zeros = new byte[PAGE_BYTES];
        for (Map.Entry<Long, byte[]> page : pages.entrySet()) {
            int at = Arrays.mismatch(page.getValue(), other.pages.getOrDefault(page.getKey(), zeros));
            if (at >= 0) {
                return OptionalLong.of(page.getKey() * PAGE_BYTES + at);
            }
        }
        return OptionalLong.empty();
    }

    @Override
    public void close() {}
}
