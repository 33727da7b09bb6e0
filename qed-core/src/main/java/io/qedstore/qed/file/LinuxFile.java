package io.qedstore.qed.file;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The calls on a Linux file that Java has no word for: punch a hole, find data and holes, count blocks, lock a byte
 * for an open file, read only what is in memory. It holds a file
 * descriptor of its own; {@link #reopenPath} leads to the very same file, whatever happens to its name.
 *
 * <p>Calls may come from many threads: none of them depends on the descriptor's position but {@link #seek}, which needs
 * nothing of it to stay. Closing waits for them. Afterwards the number of the descriptor may belong to another file, so
 * it is never used again.
 */
final class LinuxFile implements Closeable {
    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int ENXIO = 6;
    private static final int ENOSYS = 38;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BLOCKS = 0x400;
    private static final int STATX_BYTES = 256;
    private static final int STX_BLOCKS_AT = 48;
    private static final int STAT_BLOCK_BYTES = 512;
    private static final int F_OFD_GETLK = 36;
    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;
    private static final int FLOCK_BYTES = 32;
    private static final int FLOCK_START_AT = 8;
    private static final int FLOCK_LENGTH_AT = 16;

    private static final long FICLONE = 0x40049409L;
    private static final int RWF_NOWAIT = 8;
    private static final int POSIX_FADV_WILLNEED = 3;

    /** What the kernel reads ahead at most for one call, unless it was told otherwise. */
    private static final long READ_AHEAD_BYTES = 128 << 10;

    private static final long SYS_CACHESTAT = 451; // the same on all processors; from Linux 6.5 on
    private static final int CACHESTAT_RANGE_BYTES = 16;
    private static final int CACHESTAT_BYTES = 40;
    private static final int IOVEC_BYTES = 16;
    private static final long PAGE_BYTES = 4096;

    private static final boolean AVAILABLE = register();

    /** Room for the small structures that the calls of the request path take; zeroed once, then used again and again. */
    private static final ThreadLocal<Memory> SCRATCH = ThreadLocal.withInitial(() -> {
        Memory memory = new Memory(CACHESTAT_RANGE_BYTES + CACHESTAT_BYTES);
        memory.clear();
        return memory;
    });

    private static volatile boolean cachestatMissing;

    private final int descriptor;

    /** Held for reading by every call on the descriptor, for writing by the one that closes it. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private boolean closed;

    private LinuxFile(int descriptor) {
        this.descriptor = descriptor;
    }

    private static boolean register() {
        if (!Platform.isLinux() || !Platform.is64Bit()) {
            return false;
        }
        try {
            Native.register(LinuxFile.class, Platform.C_LIBRARY_NAME);
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    /** Opens the file, or gives null where this system's calls are not known. */
    static @Nullable LinuxFile open(Path path, boolean writable) throws IOException {
        if (!AVAILABLE) {
            return null;
        }
        try {
            return new LinuxFile(open(path.toString(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC));
        } catch (LastErrorException e) {
            throw FileErrors.opening(path, e.getErrorCode(), writable);
        }
    }

    /** A path that opens this same file again, even if its name now means another. */
    Path reopenPath() {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    /** Whether the range was given back and reads as zeros; false where the file system has no holes. */
    boolean punchHole(long fileOffset, long lengthBytes) throws ClosedChannelException {
        startUse();
        try {
            fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, fileOffset, lengthBytes);
            return true;
        } catch (LastErrorException e) {
            return false;
        } finally {
            use.readLock().unlock();
        }
    }

    /** Whether the file shares all bytes of another now; false where the file system cannot, and nothing has changed then. */
    boolean cloneFrom(LinuxFile source) throws ClosedChannelException {
        source.startUse();
        try {
            return cloneFrom(source.descriptor);
        } finally {
            source.use.readLock().unlock();
        }
    }

    private boolean cloneFrom(int sourceDescriptor) throws ClosedChannelException {
        startUse();
        try {
            ioctl(descriptor, FICLONE, sourceDescriptor);
            return true;
        } catch (LastErrorException e) {
            return false;
        } finally {
            use.readLock().unlock();
        }
    }

    private void startUse() throws ClosedChannelException {
        use.readLock().lock();
        if (closed) {
            use.readLock().unlock();
            throw new ClosedChannelException();
        }
    }

    /** Takes a shared lock on one byte, which belongs to this open file; false where the file system has no locks. */
    boolean lockShared(long byteOffset) {
        try (Memory lock = lock(F_RDLCK, byteOffset)) {
            fcntl(descriptor, F_OFD_SETLK, lock);
            return true;
        } catch (LastErrorException e) {
            return false;
        }
    }

    /** Whether another open file, in this process or any other, holds a lock on the byte. */
    boolean isLockedByOthers(long byteOffset) {
        try (Memory lock = lock(F_WRLCK, byteOffset)) {
            fcntl(descriptor, F_OFD_GETLK, lock);
            return lock.getShort(0) != F_UNLCK;
        } catch (LastErrorException e) {
            return false;
        }
    }

    /** {@code struct flock}: type, whence (0: from the start), start, length, process id (0). */
    private static Memory lock(short type, long byteOffset) {
        Memory lock = new Memory(FLOCK_BYTES);
        lock.clear();
        lock.setShort(0, type);
        lock.setLong(FLOCK_START_AT, byteOffset);
        lock.setLong(FLOCK_LENGTH_AT, 1);
        return lock;
    }

    /** Cuts the file or lets it grow with a hole. */
    void setLength(long lengthBytes) throws IOException {
        startUse();
        try {
            ftruncate(descriptor, lengthBytes);
        } catch (LastErrorException e) {
            throw new IOException(
                    "setting the file's length to " + lengthBytes + " bytes failed: " + e.getMessage(), e);
        } finally {
            use.readLock().unlock();
        }
    }

    long nextData(long fileOffset, long lengthBytes) throws ClosedChannelException {
        return seek(fileOffset, SEEK_DATA, fileOffset, lengthBytes);
    }

    long nextHole(long fileOffset, long lengthBytes) throws ClosedChannelException {
        return seek(fileOffset, SEEK_HOLE, lengthBytes, lengthBytes);
    }

    private long seek(long fileOffset, int whence, long ifUnsupported, long lengthBytes) throws ClosedChannelException {
        if (fileOffset >= lengthBytes) {
            return lengthBytes;
        }
        startUse();
        try {
            return Math.min(lseek(descriptor, fileOffset, whence), lengthBytes);
        } catch (LastErrorException e) {
            return e.getErrorCode() == ENXIO ? lengthBytes : ifUnsupported;
        } finally {
            use.readLock().unlock();
        }
    }

    /** Reads what lies in the page cache; false if not all of it does, or if the file system cannot tell. */
    boolean readIfCached(long fileOffset, ByteBuffer target) throws ClosedChannelException {
        if (!target.isDirect()) {
            return false;
        }
        int wanted = target.remaining();
        Memory iovec = SCRATCH.get();
        iovec.setLong(0, Pointer.nativeValue(Native.getDirectBufferPointer(target)) + target.position());
        iovec.setLong(Long.BYTES, wanted);
        if (preadNow(fileOffset, iovec) != wanted) {
            return false;
        }
        target.position(target.limit());
        return true;
    }

    private long preadNow(long fileOffset, Memory iovec) throws ClosedChannelException {
        startUse();
        try {
            return preadv2(descriptor, iovec, 1, fileOffset, 0, RWF_NOWAIT);
        } finally {
            use.readLock().unlock();
        }
    }

    /**
     * Whether every page of a range is in the page cache. Pages that are on their way from the disk count too, but for the
     * last one, which has arrived: read-ahead fills from the front.
     */
    boolean isCached(long fileOffset, long lengthBytes) throws ClosedChannelException {
        if (cachestatMissing) {
            return false;
        }
        Memory scratch = SCRATCH.get();
        scratch.setLong(0, fileOffset);
        scratch.setLong(Long.BYTES, lengthBytes);
        startUse();
        try {
            Pointer result = scratch.share(CACHESTAT_RANGE_BYTES);
            if (syscall(SYS_CACHESTAT, descriptor, scratch, result, 0) != 0) {
                cachestatMissing = Native.getLastError() == ENOSYS;
                return false;
            }
            long pages = (fileOffset + lengthBytes - 1) / PAGE_BYTES - fileOffset / PAGE_BYTES + 1;
            if (result.getLong(0) < pages) {
                return false;
            }
        } finally {
            use.readLock().unlock();
        }
        Memory iovec = SCRATCH.get();
        iovec.setLong(0, Pointer.nativeValue(iovec) + IOVEC_BYTES);
        iovec.setLong(Long.BYTES, 1);
        return preadNow(fileOffset + lengthBytes - 1, iovec) == 1;
    }

    /** Starts reading a range into the page cache. */
    void prefetch(long fileOffset, long lengthBytes) throws ClosedChannelException {
        startUse();
        try {
            for (long done = 0; done < lengthBytes; done += READ_AHEAD_BYTES) {
                long chunk = Math.min(READ_AHEAD_BYTES, lengthBytes - done);
                posix_fadvise(descriptor, fileOffset + done, chunk, POSIX_FADV_WILLNEED);
            }
        } finally {
            use.readLock().unlock();
        }
    }

    /** Bytes of disk space that the file takes; {@code lengthBytes} where the kernel does not say. */
    long allocatedBytes(long lengthBytes) {
        use.readLock().lock();
        try (Memory statx = new Memory(STATX_BYTES)) {
            if (closed) {
                return lengthBytes;
            }
            statx(descriptor, "", AT_EMPTY_PATH, STATX_BLOCKS, statx);
            return statx.getLong(STX_BLOCKS_AT) * STAT_BLOCK_BYTES;
        } catch (LastErrorException | UnsatisfiedLinkError e) {
            return lengthBytes;
        } finally {
            use.readLock().unlock();
        }
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                close(descriptor);
            }
        } finally {
            use.writeLock().unlock();
        }
    }

    private static native int open(String path, int flags) throws LastErrorException;

    private static native int close(int descriptor) throws LastErrorException;

    private static native int fallocate(int descriptor, int mode, long offset, long length) throws LastErrorException;

    private static native int fcntl(int descriptor, int command, Pointer argument) throws LastErrorException;

    private static native int ioctl(int descriptor, long request, long argument) throws LastErrorException;

    private static native int ftruncate(int descriptor, long length) throws LastErrorException;

    /** The position is one register for 64-bit processors; the kernel ignores the second. -1 on any failure. */
    private static native long preadv2(
            int descriptor, Pointer iovecs, int count, long positionLow, long positionHigh, int flags);

    private static native long syscall(long number, int descriptor, Pointer range, Pointer result, int flags);

    private static native int posix_fadvise(int descriptor, long offset, long length, int advice);

    private static native long lseek(int descriptor, long offset, int whence) throws LastErrorException;

    private static native int statx(int directory, String path, int flags, int mask, Pointer result)
            throws LastErrorException;
}
