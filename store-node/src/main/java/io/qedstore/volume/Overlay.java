package io.qedstore.volume;

import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The file of an image as it will be: the bytes of events that are not applied yet lie over those of the file.
 *
 * <p>Bytes are not copied: they stay where the change has them until the event is {@linkplain #drop dropped}, which is to be done
 * only once it is in the file. All methods are safe for many threads; the lock is never held while the disk is read.
 */
final class Overlay implements FileView {
    private final FileView file;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    /** By where they begin; no two of them overlap. Guarded by the lock, as is all that follows. */
    private final TreeMap<Long, Piece> pieces = new TreeMap<>();

    private final Deque<Layer> layers = new ArrayDeque<>();

    /** A stretch of the file; without bytes it is zeros. */
    private static final class Piece {
        final Layer layer;
        final long start;
        final long end;
        final @Nullable ByteBuffer bytes;

        Piece(Layer layer, long start, long end, @Nullable ByteBuffer bytes) {
            this.layer = layer;
            this.start = start;
            this.end = end;
            this.bytes = bytes;
        }

        Piece part(long from, long to) {
            ByteBuffer all = bytes;
            return new Piece(layer, from, to, all == null ? null : all.slice((int) (from - start), (int) (to - from)));
        }

        /** Copies what lies in both to its place in the target. */
        void copyTo(ByteBuffer target, long targetStart) {
            long from = Math.max(start, targetStart);
            int length = (int) (Math.min(end, targetStart + target.remaining()) - from);
            ByteBuffer into = target.slice(target.position() + (int) (from - targetStart), length);
            ByteBuffer all = bytes;
            if (all == null) {
                while (into.remaining() >= Long.BYTES) {
                    into.putLong(0);
                }
                while (into.hasRemaining()) {
                    into.put((byte) 0);
                }
            } else {
                into.put(all.slice((int) (from - start), length));
            }
        }
    }

    /** What one event puts over the file. */
    private static final class Layer {
        final long sequence;
        final List<Piece> pieces = new ArrayList<>();
        long fileLength;

        Layer(long sequence, long fileLength) {
            this.sequence = sequence;
            this.fileLength = fileLength;
        }
    }

    Overlay(FileView file) {
        this.file = file;
    }

    /**
     * Puts changes over all that there is.
     *
     * @param sequence of their event; not less than at the call before
     */
    void add(long sequence, List<QedChange> changes) throws IOException {
        lock.writeLock().lock();
        try {
            Layer last = layers.peekLast();
            if (last == null || last.sequence != sequence) {
                last = new Layer(sequence, plannedLength());
                layers.add(last);
            }
            for (QedChange change : changes) {
                change.applyTo(new LayerFile(last));
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Takes away what is in the file by now: the changes of all events up to this one. */
    void drop(long upToSequence) {
        lock.writeLock().lock();
        try {
            for (Layer first = layers.peek(); first != null && first.sequence <= upToSequence; first = layers.peek()) {
                layers.remove();
                for (Piece piece : first.pieces) {
                    pieces.remove(piece.start, piece); // unless another event's lies there since
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void put(Piece piece) {
        cutOut(piece.start, piece.end);
        keep(piece);
    }

    private void keep(Piece piece) {
        pieces.put(piece.start, piece);
        piece.layer.pieces.add(piece);
    }

    private void cutOut(long from, long to) {
        Map.Entry<Long, Piece> next = pieces.lowerEntry(to);
        while (next != null && next.getValue().end > from) {
            Piece old = next.getValue();
            pieces.remove(old.start);
            if (old.start < from) {
                keep(old.part(old.start, from));
            }
            if (old.end > to) {
                keep(old.part(to, old.end));
            }
            next = pieces.lowerEntry(to);
        }
    }

    private long plannedLength() {
        Layer last = layers.peekLast();
        return Math.max(file.length(), last == null ? 0 : last.fileLength);
    }

    // ---- the view

    @Override
    public void read(long fileOffset, ByteBuffer target) throws IOException {
        for (Gap gap : copyPieces(fileOffset, target)) {
            file.read(gap.start, gap.of(target, fileOffset));
        }
        target.position(target.limit());
    }

    @Override
    public boolean readIfCached(long fileOffset, ByteBuffer target) throws IOException {
        for (Gap gap : copyPieces(fileOffset, target)) {
            if (!file.readIfCached(gap.start, gap.of(target, fileOffset))) {
                return false;
            }
        }
        target.position(target.limit());
        return true;
    }

    /** A stretch of the file over which nothing lies. */
    private record Gap(long start, long end) {
        /** Its place in a target that begins at an offset of the file. */
        ByteBuffer of(ByteBuffer target, long fileOffset) {
            return target.slice(target.position() + (int) (start - fileOffset), (int) (end - start));
        }
    }

    /** Fills in what lies over the file; the rest is the caller's to read. */
    private List<Gap> copyPieces(long fileOffset, ByteBuffer target) {
        long end = fileOffset + target.remaining();
        List<Gap> gaps = new ArrayList<>(1);
        lock.readLock().lock();
        try {
            long at = fileOffset;
            while (at < end) {
                Map.Entry<Long, Piece> under = pieces.floorEntry(at);
                if (under != null && under.getValue().end > at) {
                    under.getValue().copyTo(target, fileOffset);
                    at = under.getValue().end;
                } else {
                    Long next = pieces.higherKey(at);
                    long until = next == null ? end : Math.min(end, next);
                    gaps.add(new Gap(at, until));
                    at = until;
                }
            }
        } finally {
            lock.readLock().unlock();
        }
        return gaps;
    }

    private boolean overlaps(long from, long to) {
        lock.readLock().lock();
        try {
            Map.Entry<Long, Piece> last = pieces.lowerEntry(to);
            return last != null && last.getValue().end > from;
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public long length() {
        lock.readLock().lock();
        try {
            return plannedLength();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Holes are not looked for where changes wait. */
    @Override
    public long nextData(long fileOffset) {
        return Math.min(fileOffset, length());
    }

    @Override
    public long nextHole(long fileOffset) {
        return length();
    }

    /** False also for what is in memory because it is not in the file yet: that cannot be sent from there. */
    @Override
    public boolean isCached(long fileOffset, long lengthBytes) throws IOException {
        return !overlaps(fileOffset, fileOffset + lengthBytes) && file.isCached(fileOffset, lengthBytes);
    }

    @Override
    public void prefetch(long fileOffset, long lengthBytes) throws IOException {
        file.prefetch(fileOffset, lengthBytes);
    }

    /** For ranges that {@link #isCached}: a byte that is in the file once is only replaced by a newer one. */
    @Override
    public Optional<FileChannel> sendableFile() {
        return file.sendableFile();
    }

    /** Where changes go instead of the file. Used with the lock held for writing. */
    private final class LayerFile implements ImageFile {
        private final Layer layer;

        LayerFile(Layer layer) {
            this.layer = layer;
        }

        @Override
        public void write(long fileOffset, ByteBuffer source) {
            cover(fileOffset, source.remaining(), source.slice());
        }

        @Override
        public void zero(long fileOffset, long lengthBytes) {
            cover(fileOffset, lengthBytes, null);
        }

        private void cover(long fileOffset, long lengthBytes, @Nullable ByteBuffer bytes) {
            if (lengthBytes > 0) {
                put(new Piece(layer, fileOffset, fileOffset + lengthBytes, bytes));
                layer.fileLength = Math.max(layer.fileLength, fileOffset + lengthBytes);
            }
        }

        @Override
        public void setLength(long lengthBytes) {
            throw new IllegalStateException(
                    "only creation sets a file's length, and nothing is created under an overlay");
        }

        @Override
        public void sync() {}

        @Override
        public void read(long fileOffset, ByteBuffer target) {
            throw new IllegalStateException("a change looks at nothing but itself");
        }

        @Override
        public long length() {
            return layer.fileLength;
        }

        @Override
        public long nextData(long fileOffset) {
            return fileOffset;
        }

        @Override
        public long nextHole(long fileOffset) {
            return layer.fileLength;
        }

        @Override
        public void close() {}
    }
}
