package io.qedstore.imports;

import io.qedstore.content.BlockDigest;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.Zeros;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What makes an empty file of the same length another one: each block of 4 KiB that is not zeros, event by event; all behind the first
 * block in order, and that one alone at the end. Of one thread.
 */
final class FileChanges {
    /** An event's data is about as much. */
    private static final int EVENT_BYTES = 1 << 20;

    private static final int EVENT_CHANGES = 2000;
    private static final int WINDOW_BYTES = 256 << 10;
    private static final int BLOCK = BlockDigest.BLOCK_BYTES;

    private final FileView file;
    private final long length;
    private long at = BLOCK;
    private boolean hasHead;

    private List<QedChange> changes = new ArrayList<>();
    private long bytes;

    /** @param file must not change meanwhile */
    FileChanges(FileView file) {
        this.file = file;
        this.length = file.length();
    }

    /** Up to where the file has been read. */
    long fileOffset() {
        return Math.min(at, length);
    }

    /** The next event's changes, with buffers of their own; none once the file is whole. */
    List<QedChange> next() throws IOException {
        changes = new ArrayList<>();
        bytes = 0;
        while (at < length && bytes < EVENT_BYTES && changes.size() < EVENT_CHANGES) {
            long data = Math.max(at, file.nextData(at) / BLOCK * BLOCK);
            if (data >= length) {
                at = length;
                break;
            }
            int count = (int) Math.min(WINDOW_BYTES, length - data);
            take(data, count);
            at = data + count;
        }
        if (changes.isEmpty() && !hasHead) {
            hasHead = true;
            take(0, (int) Math.min(BLOCK, length));
        }
        return changes;
    }

    private void take(long from, int count) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(count);
        file.read(from, window);
        int start = 0;
        for (int block = 0; block < count; block += BLOCK) {
            int size = Math.min(BLOCK, count - block);
            if (Zeros.areAll(window.slice(block, size))) {
                add(from, window, start, block);
                start = block + size;
            }
        }
        add(from, window, start, count);
    }

    private void add(long from, ByteBuffer window, int start, int end) {
        if (start < end) {
            changes.add(new QedChange.DataWritten(from + start, window.slice(start, end - start)));
            bytes += end - start;
        }
    }
}
