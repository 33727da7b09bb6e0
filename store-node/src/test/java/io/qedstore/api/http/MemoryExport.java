package io.qedstore.api.http;

import io.qedstore.api.ImageExport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** An export of bytes in memory that counts who has it open. */
final class MemoryExport implements ImageExport {
    private static final int BLOCK_BYTES = 4096;

    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger reads = new AtomicInteger();
    volatile long failsAt = Long.MAX_VALUE;

    private final String tag;
    private final byte[] content;

    MemoryExport(String tag, byte[] content) {
        this.tag = tag;
        this.content = content;
    }

    void opened() {
        open.incrementAndGet();
    }

    @Override
    public String tag() {
        return tag;
    }

    @Override
    public long sequence() {
        return 77;
    }

    @Override
    public long lengthBytes() {
        return content.length;
    }

    @Override
    public byte[] sha256() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public List<Extent> extents() {
        List<Extent> extents = new ArrayList<>();
        for (int at = 0; at < content.length; at += BLOCK_BYTES) {
            int end = Math.min(at + BLOCK_BYTES, content.length);
            for (int i = at; i < end; i++) {
                if (content[i] != 0) {
                    extents.add(new Extent(at, end - at));
                    break;
                }
            }
        }
        return extents;
    }

    @Override
    public void read(long fileOffset, ByteBuffer into) throws IOException {
        reads.incrementAndGet();
        if (fileOffset + into.remaining() > failsAt) {
            throw new IOException("the disk is broken at " + failsAt);
        }
        into.put(content, Math.toIntExact(fileOffset), into.remaining());
    }

    @Override
    public void close() {
        open.decrementAndGet();
    }
}
