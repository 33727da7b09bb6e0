package io.qedstore.fold;

import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file on a small disk, whose files can be 16 TiB long; it counts what is done to it. */
final class NarrowFile implements ImageFile {
    private static final long MAX_LENGTH_BYTES = 16L << 40;
    private static final long DISK_BYTES = 32 << 20;

    private final MemoryImageFile file;
    private long writtenBytes;
    private int changes;

    NarrowFile(MemoryImageFile file) {
        this.file = file;
    }

    int changes() {
        return changes;
    }

    @Override
    public void write(long fileOffset, ByteBuffer source) throws IOException {
        change(Math.addExact(fileOffset, source.remaining()));
        writtenBytes += source.remaining();
        if (writtenBytes > DISK_BYTES) {
            throw new IOException("No space left on device");
        }
        file.write(fileOffset, source);
    }

    @Override
    public void zero(long fileOffset, long lengthBytes) throws IOException {
        change(Math.addExact(fileOffset, lengthBytes)); // as ChannelImageFile does
        file.zero(fileOffset, lengthBytes);
    }

    @Override
    public void setLength(long lengthBytes) throws IOException {
        change(lengthBytes);
        file.setLength(lengthBytes);
    }

    private void change(long end) throws IOException {
        changes++;
        if (end > MAX_LENGTH_BYTES) {
            throw new IOException("File too large");
        }
    }

    @Override
    public void read(long fileOffset, ByteBuffer target) {
        file.read(fileOffset, target);
    }

    @Override
    public void sync() {
        file.sync();
    }

    @Override
    public long length() {
        return file.length();
    }

    @Override
    public long nextData(long fileOffset) {
        return file.nextData(fileOffset);
    }

    @Override
    public long nextHole(long fileOffset) {
        return file.nextHole(fileOffset);
    }

    @Override
    public void close() {}
}
