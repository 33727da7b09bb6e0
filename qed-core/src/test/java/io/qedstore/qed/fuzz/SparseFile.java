package io.qedstore.qed.fuzz;

import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file in memory that claims any length and holds pages of 4 KiB where something other than zeros was written. For
 * one thread.
 */
final class SparseFile implements ImageFile {
    private static final int PAGE_BYTES = 4096;

    /** What a page costs besides its bytes, generously: array header, boxed key, tree node. */
    private static final int PAGE_OVERHEAD_BYTES = 160;

    private final TreeMap<Long, byte[]> pages = new TreeMap<>();
    private long lengthBytes;
    private long ownAllocatedBytes;

    SparseFile(long lengthBytes) {
        this.lengthBytes = lengthBytes;
    }

    SparseFile copy() {
        SparseFile copy = new SparseFile(lengthBytes);
        for (Map.Entry<Long, byte[]> page : pages.entrySet()) {
            copy.pages.put(page.getKey(), page.getValue().clone());
        }
        return copy;
    }

    /** Bytes that take memory, which on a disk would take space. */
    long realBytes() {
        return (long) pages.size() * PAGE_BYTES;
    }

    /** Memory that this file has taken for its pages since it was made; what it took for a copy does not count. */
    long ownAllocatedBytes() {
        return ownAllocatedBytes;
    }

    @Override
    public void read(long fileOffset, ByteBuffer target) {
        if (fileOffset < 0) {
            throw new IllegalArgumentException("a read at " + fileOffset); // as a channel does
        }
        long at = fileOffset;
        while (target.hasRemaining()) {
            int inPage = (int) (at & PAGE_BYTES - 1);
            int count = Math.min(target.remaining(), PAGE_BYTES - inPage);
            byte[] page = pages.get(at / PAGE_BYTES);
            if (page == null) {
                for (int i = 0; i < count; i++) {
                    target.put((byte) 0);
                }
            } else {
                target.put(page, inPage, count);
            }
            at += count;
        }
    }

    @Override
    public void write(long fileOffset, ByteBuffer source) throws IOException {
        requireRoom(fileOffset, source.remaining());
        lengthBytes = Math.max(lengthBytes, fileOffset + source.remaining());
        long at = fileOffset;
        while (source.hasRemaining()) {
            int inPage = (int) (at & PAGE_BYTES - 1);
            int count = Math.min(source.remaining(), PAGE_BYTES - inPage);
            byte[] page = pages.get(at / PAGE_BYTES);
            if (page == null && !isZero(source, count)) {
                page = new byte[PAGE_BYTES];
                pages.put(at / PAGE_BYTES, page);
                ownAllocatedBytes += PAGE_BYTES + PAGE_OVERHEAD_BYTES;
            }
            if (page == null) {
                source.position(source.position() + count);
            } else {
                source.get(page, inPage, count);
            }
            at += count;
        }
    }

    private static boolean isZero(ByteBuffer source, int count) {
        for (int i = 0; i < count; i++) {
            if (source.get(source.position() + i) != 0) {
                return false;
            }
        }
        return true;
    }

    private static void requireRoom(long fileOffset, long bytes) throws IOException {
        if (fileOffset < 0 || fileOffset > Long.MAX_VALUE - bytes) {
            throw new IOException("no file system has room for " + bytes + " bytes at " + fileOffset);
        }
    }

    @Override
    public void zero(long fileOffset, long bytes) throws IOException {
        requireRoom(fileOffset, bytes);
        long end = fileOffset + bytes;
        zeroInPages(fileOffset, end);
        lengthBytes = Math.max(lengthBytes, end);
    }

    private void zeroInPages(long start, long end) {
        for (Long number :
                pages.subMap(start / PAGE_BYTES, end / PAGE_BYTES + 1).keySet()) {
            long pageStart = number * PAGE_BYTES;
            int from = (int) Math.max(0, start - pageStart);
            int to = (int) Math.min(PAGE_BYTES, end - pageStart);
            java.util.Arrays.fill(pages.get(number), from, Math.max(from, to), (byte) 0);
        }
    }

    @Override
    public void setLength(long bytes) {
        if (bytes < lengthBytes) {
            zeroInPages(bytes, lengthBytes);
        }
        lengthBytes = bytes;
    }

    @Override
    public long length() {
        return lengthBytes;
    }

    @Override
    public long nextData(long fileOffset) {
        Long page = pages.ceilingKey(fileOffset / PAGE_BYTES);
        return page == null ? lengthBytes : Math.min(lengthBytes, Math.max(fileOffset, page * PAGE_BYTES));
    }

    @Override
    public long nextHole(long fileOffset) {
        long page = fileOffset / PAGE_BYTES;
        if (!pages.containsKey(page)) {
            return Math.min(lengthBytes, fileOffset);
        }
        while (pages.containsKey(page)) {
            page++;
        }
        return Math.min(lengthBytes, page * PAGE_BYTES);
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}
}
