package io.qedstore.qed;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** A disk whose bytes are the file's. Its size is the file's length rounded up to a sector, as qemu has it. */
public final class RawImage implements WritableImage {
    private final String name;
    private final ImageFile file;

    public RawImage(String name, ImageFile file) {
        this.name = name;
        this.file = file;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long sizeBytes() {
        long sector = ImageGeometry.SECTOR_SIZE;
        return Math.min(file.length(), Long.MAX_VALUE - sector) + sector - 1 & -sector;
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        file.read(guestOffset, target);
    }

    /** A hole is known to be zeros and still has its place in the file. */
    @Override
    public Extent extent(long guestOffset, long maxBytes) throws IOException {
        long end = guestOffset + maxBytes;
        long data = file.nextData(guestOffset);
        if (data > guestOffset) {
            long length = data >= file.length() ? maxBytes : Math.min(end, data) - guestOffset;
            return new Extent(Kind.ZERO, length, OptionalLong.of(guestOffset));
        }
        long hole = file.nextHole(guestOffset);
        long length = hole >= file.length() ? maxBytes : Math.min(end, hole) - guestOffset;
        return new Extent(Kind.DATA, length, OptionalLong.of(guestOffset));
    }

    /** Asks the file system, which knows from memory where holes are, as far as it was asked before. */
    @Override
    public Extent extentIfCached(long guestOffset, long maxBytes) throws IOException {
        return extent(guestOffset, maxBytes);
    }

    @Override
    public FileView view() {
        return file;
    }

    @Override
    public void write(long guestOffset, ByteBuffer data) throws IOException {
        file.write(guestOffset, data.duplicate());
    }

    @Override
    public void writeZeroes(long guestOffset, long lengthBytes) throws IOException {
        file.zero(guestOffset, lengthBytes);
    }

    @Override
    public void discard(long guestOffset, long lengthBytes) throws IOException {
        file.zero(guestOffset, lengthBytes);
    }

    @Override
    public void flush() throws IOException {
        file.sync();
    }

    @Override
    public void resize(long newSizeBytes) throws IOException {
        file.setLength(newSizeBytes);
        file.sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
