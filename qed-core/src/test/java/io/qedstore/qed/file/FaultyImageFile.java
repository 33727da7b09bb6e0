package io.qedstore.qed.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file whose disk fails once: one of its writes (zeroing and setting the length count too) or syncs throws. Guarded by
 * itself.
 */
public final class FaultyImageFile implements ImageFile {
    /** How much of the failing call is done before it throws. */
    public enum Done {
        NOTHING,
        /** The first half of the bytes, to a whole sector. */
        HALF,
        ALL
    }

    private static final int SECTOR = 512;

    private final ImageFile file;
    private long calls;
    private long failingCall = Long.MAX_VALUE;
    private Done done = Done.NOTHING;
    private long unreadableFrom;
    private long unreadableTo;

    public FaultyImageFile(ImageFile file) {
        this.file = file;
    }

    /** The call after {@code callsBefore} more writes and syncs fails, and only that one. */
    public synchronized void failAfter(long callsBefore, Done whatIsDone) {
        failingCall = calls + callsBefore;
        done = whatIsDone;
    }

    /** From now on every read fails, or none. */
    public synchronized void failReads(boolean fail) {
        failReadsOf(0, fail ? Long.MAX_VALUE : 0);
    }

    /** From now on reads of {@code [from, to)} fail, and no others. */
    public synchronized void failReadsOf(long from, long to) {
        unreadableFrom = from;
        unreadableTo = to;
    }

    /** Writes and syncs so far, the failed one included. */
    public synchronized long calls() {
        return calls;
    }

    /** Whether this call is the one; counts it. */
    private boolean failsNow() {
        return calls++ == failingCall;
    }

    private IOException failure(String what) {
        return new IOException("injected failure of call " + failingCall + ", a " + what);
    }

    @Override
    public synchronized void write(long fileOffset, ByteBuffer source) throws IOException {
        if (failsNow()) {
            source.limit(source.position() + (int) doneOf(fileOffset, source.remaining()));
            file.write(fileOffset, source);
            throw failure("write at byte " + fileOffset);
        }
        file.write(fileOffset, source);
    }

    @Override
    public synchronized void zero(long fileOffset, long lengthBytes) throws IOException {
        if (failsNow()) {
            file.zero(fileOffset, doneOf(fileOffset, lengthBytes));
            throw failure("zeroing at byte " + fileOffset);
        }
        file.zero(fileOffset, lengthBytes);
    }

    private long doneOf(long fileOffset, long lengthBytes) {
        return switch (done) {
            case NOTHING -> 0;
            case HALF -> Math.max(0, (fileOffset + lengthBytes / 2) / SECTOR * SECTOR - fileOffset);
            case ALL -> lengthBytes;
        };
    }

    @Override
    public synchronized void setLength(long lengthBytes) throws IOException {
        boolean fails = failsNow();
        if (!fails || done == Done.ALL) {
            file.setLength(lengthBytes);
        }
        if (fails) {
            throw failure("length of " + lengthBytes);
        }
    }

    @Override
    public synchronized void sync() throws IOException {
        boolean fails = failsNow();
        if (!fails || done == Done.ALL) {
            file.sync();
        }
        if (fails) {
            throw failure("sync");
        }
    }

    @Override
    public void read(long fileOffset, ByteBuffer target) throws IOException {
        failRead(fileOffset, target.remaining());
        file.read(fileOffset, target);
    }

    private synchronized void failRead(long fileOffset, long lengthBytes) throws IOException {
        if (fileOffset < unreadableTo && fileOffset + lengthBytes > unreadableFrom) {
            throw new IOException("injected failure of a read at byte " + fileOffset);
        }
    }

    @Override
    public long length() {
        return file.length();
    }

    @Override
    public long nextData(long fileOffset) throws IOException {
        return file.nextData(fileOffset);
    }

    @Override
    public long nextHole(long fileOffset) throws IOException {
        return file.nextHole(fileOffset);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
