package io.qedstore.replica;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;
import static io.qedstore.replica.CopyFormat.CHUNK_BYTES;

import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.FoldedFile;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.Zeros;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/**
 * A part of a followed file, as {@link CopyFormat} has it, made while it is read. What lies in the file is verified. Closing it is not
 * needed.
 */
public final class SentCopy extends InputStream {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LOOK_MS = 2;

    private final FoldedFile followed;
    private final FileView file;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private final long maxDataBytes;

    /** What is ready to be read. */
    private ByteBuffer ready;

    private long next;
    private long dataBytes;
    private boolean isOver;

    /**
     * @param from where in the file to begin, at a block's boundary
     * @param maxDataBytes how much data there may be, some of {@link CopyFormat#CHUNK_BYTES} more or less
     * @throws IOException if the file is not whole
     */
    public SentCopy(FoldedFile followed, long from, long maxDataBytes) throws IOException {
        if (from < 0 || from % BLOCK_BYTES != 0) {
            throw new IllegalArgumentException("a copy from " + from + " on, expected a multiple of " + BLOCK_BYTES);
        }
        this.followed = followed;
        this.file = followed.verified();
        this.next = from;
        this.maxDataBytes = maxDataBytes;
        followed.requireWhole();
        byte[] state = FoldStateCodec.encode(followed.applied());
        this.ready = ByteBuffer.allocate(9 + state.length)
                .putInt(CopyFormat.MAGIC)
                .put((byte) CopyFormat.VERSION)
                .putInt(state.length)
                .put(state)
                .flip();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        while (!ready.hasRemaining()) {
            if (isOver) {
                return -1;
            }
            ready = more();
        }
        int count = Math.min(length, ready.remaining());
        ready.get(target, from, count);
        return count;
    }

    private ByteBuffer more() throws IOException {
        long length = file.length();
        long at = next >= length ? length : file.nextData(next);
        at = Math.min(length, at / BLOCK_BYTES * BLOCK_BYTES);
        if (at >= length || dataBytes >= maxDataBytes) {
            isOver = true;
            return end(at >= length ? length : at);
        }
        at = Math.max(at, next);
        int count = (int) Math.min(CHUNK_BYTES, length - at);
        file.read(at, chunk.clear().limit(count));
        chunk.flip();
        next = at + count;
        return data(at);
    }

    /** The blocks that are not zeros, neighbours together. */
    private ByteBuffer data(long fileOffset) {
        ByteBuffer frames = ByteBuffer.allocate(chunk.limit() + (chunk.limit() / BLOCK_BYTES + 1) * 13);
        int begin = -1;
        for (int at = 0; at < chunk.limit(); at += BLOCK_BYTES) {
            int length = Math.min(BLOCK_BYTES, chunk.limit() - at);
            boolean isZeros = Zeros.areAll(chunk.slice(at, length));
            if (isZeros && begin >= 0) {
                put(frames, fileOffset, begin, at);
                begin = -1;
            } else if (!isZeros && begin < 0) {
                begin = at;
            }
        }
        if (begin >= 0) {
            put(frames, fileOffset, begin, chunk.limit());
        }
        return frames.flip();
    }

    private void put(ByteBuffer frames, long fileOffset, int begin, int end) {
        frames.put((byte) CopyFormat.DATA).putLong(fileOffset + begin).putInt(end - begin);
        frames.put(chunk.slice(begin, end - begin));
        dataBytes += end - begin;
    }

    private ByteBuffer end(long at) throws IOException {
        byte[] state = FoldStateCodec.encode(behindAllThatWasRead());
        return ByteBuffer.allocate(21 + state.length)
                .put((byte) CopyFormat.END)
                .putInt(state.length)
                .put(state)
                .putLong(at)
                .putLong(file.length())
                .flip();
    }

    /** An event that is being applied will have been, soon. */
    private FoldState behindAllThatWasRead() throws IOException {
        long last;
        Lock content = followed.content();
        content.lock();
        try {
            last = followed.mayHold();
        } finally {
            content.unlock();
        }
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (followed.applied().sequence().value() < last) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("event " + last + " does not come to an end in the file that is copied");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while a file was copied", e);
            }
        }
        return followed.applied();
    }
}
