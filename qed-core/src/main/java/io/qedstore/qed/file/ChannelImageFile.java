package io.qedstore.qed.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An image file on disk. Holes are punched and found with Linux' own calls; elsewhere zeros are written as bytes and
 * everything counts as data.
 *
 * <p>It remembers the file's length: nobody else may change that while it is open for writing. Threads that use it must
 * not be interrupted, for an interrupt closes a {@link FileChannel}.
 */
public final class ChannelImageFile implements ImageFile {
    private static final int ZERO_CHUNK_BYTES = 1 << 20;
    private static final int MIN_HOLE_BYTES = 4096;

    private final Path path;
    private final FileChannel channel;
    private final @Nullable LinuxFile linux;

    /** Changes under this object's monitor, as the file's length does; read without it. */
    private volatile long knownLength;

    private ChannelImageFile(Path path, FileChannel channel, @Nullable LinuxFile linux) throws IOException {
        this.path = path;
        this.channel = channel;
        this.linux = linux;
        this.knownLength = channel.size();
    }

    /**
     * Opens an existing regular file; a symbolic link is followed.
     *
     * @throws FileSystemException if it is no regular file, or somebody uses it in a way that is in the way; the lock is
     *     the one that qemu's tools take
     */
    public static ChannelImageFile open(Path path, FileAccess access) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            String what = Files.isDirectory(path) ? "Is a directory" : "Not a regular file";
            throw new FileSystemException(path.toString(), null, what);
        }
        boolean writable = access == FileAccess.WRITE;
        OpenOption[] options = writable
                ? new OpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE}
                : new OpenOption[] {StandardOpenOption.READ};
        LinuxFile linux = LinuxFile.open(path, writable);
        boolean opened = false;
        try {
            if (linux != null) {
                ImageLock.take(linux, path, access);
            }
            Path channelPath = linux == null ? path : linux.reopenPath();
            ChannelImageFile file = new ChannelImageFile(path, FileChannel.open(channelPath, options), linux);
            opened = true;
            return file;
        } finally {
            if (!opened && linux != null) {
                linux.close();
            }
        }
    }

    /** Creates the file if it is missing and opens it for writing; what it held stays. */
    public static ChannelImageFile createOrOpen(Path path) throws IOException {
        if (!Files.exists(path)) {
            FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE)
                    .close();
        }
        return open(path, FileAccess.WRITE);
    }

    public Path path() {
        return path;
    }

    @Override
    public void read(long fileOffset, ByteBuffer target) throws IOException {
        long position = fileOffset;
        while (target.hasRemaining()) {
            int count = channel.read(target, position);
            if (count < 0) {
                Zeros.fill(target);
                return;
            }
            position += count;
        }
    }

    @Override
    public void write(long fileOffset, ByteBuffer source) throws IOException {
        if (fileOffset + source.remaining() <= knownLength) {
            writeFully(fileOffset, source);
            return;
        }
        synchronized (this) {
            long end = fileOffset + source.remaining();
            writeFully(fileOffset, source);
            knownLength = Math.max(knownLength, end);
        }
    }

    private void writeFully(long fileOffset, ByteBuffer source) throws IOException {
        long position = fileOffset;
        while (source.hasRemaining()) {
            position += channel.write(source, position);
        }
    }

    @Override
    public void zero(long fileOffset, long lengthBytes) throws IOException {
        long end = Math.addExact(fileOffset, lengthBytes);
        long inFile = Math.min(end, knownLength) - fileOffset;
        if (inFile > 0 && !punchHole(fileOffset, inFile)) {
            writeZeros(fileOffset, inFile);
        }
        if (end > knownLength) {
            growTo(end);
        }
    }

    private synchronized void growTo(long lengthBytes) throws IOException {
        if (lengthBytes > knownLength) {
            setLength(lengthBytes);
        }
    }

    private boolean punchHole(long fileOffset, long lengthBytes) throws IOException {
        return linux != null && lengthBytes >= MIN_HOLE_BYTES && linux.punchHole(fileOffset, lengthBytes);
    }

    private void writeZeros(long fileOffset, long lengthBytes) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(lengthBytes, ZERO_CHUNK_BYTES));
        for (long done = 0; done < lengthBytes; ) {
            zeros.clear().limit((int) Math.min(lengthBytes - done, zeros.capacity()));
            long chunk = zeros.remaining();
            writeFully(fileOffset + done, zeros);
            done += chunk;
        }
    }

    @Override
    public synchronized void setLength(long lengthBytes) throws IOException {
        if (linux != null) {
            linux.setLength(lengthBytes);
        } else if (lengthBytes > knownLength) {
            writeFully(lengthBytes - 1, ByteBuffer.allocate(1)); // Java's truncate only shortens
        } else {
            channel.truncate(lengthBytes);
        }
        knownLength = lengthBytes;
    }

    /**
     * Makes this file share all bytes of another, as that one is at this moment, without copying any.
     *
     * @return whether that was done; if not, because the file system cannot, nothing has changed
     */
    public synchronized boolean cloneFrom(ChannelImageFile source) throws IOException {
        if (linux == null || source.linux == null || !linux.cloneFrom(source.linux)) {
            return false;
        }
        knownLength = channel.size();
        return true;
    }

    @Override
    public void sync() throws IOException {
        channel.force(false);
    }

    @Override
    public long length() {
        return knownLength;
    }

    @Override
    public long nextData(long fileOffset) throws IOException {
        long length = length();
        return linux == null ? Math.min(fileOffset, length) : linux.nextData(fileOffset, length);
    }

    @Override
    public long nextHole(long fileOffset) throws IOException {
        long length = length();
        return linux == null ? length : linux.nextHole(fileOffset, length);
    }

    @Override
    public boolean readIfCached(long fileOffset, ByteBuffer target) throws IOException {
        return linux != null && linux.readIfCached(fileOffset, target);
    }

    @Override
    public boolean isCached(long fileOffset, long lengthBytes) throws IOException {
        return linux != null && linux.isCached(fileOffset, lengthBytes);
    }

    @Override
    public void prefetch(long fileOffset, long lengthBytes) throws IOException {
        if (linux != null) {
            linux.prefetch(fileOffset, lengthBytes);
        }
    }

    @Override
    public Optional<FileChannel> sendableFile() {
        return Optional.of(channel);
    }

    /** Bytes of disk space that the file takes; its length where the system does not say. */
    public long allocatedBytes() {
        return linux == null ? length() : linux.allocatedBytes(length());
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            if (linux != null) {
                linux.close();
            }
        }
    }
}
