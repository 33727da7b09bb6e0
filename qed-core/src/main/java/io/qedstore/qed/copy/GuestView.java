package io.qedstore.qed.copy;

import io.qedstore.qed.ChainExtents;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk as its guest sees it, read as a file. */
public final class GuestView implements FileView {
    private static final long MAX_ASK_BYTES = 1L << 40;

    private final GuestImage image;

    public GuestView(GuestImage image) {
        this.image = image;
    }

    @Override
    public void read(long fileOffset, ByteBuffer target) throws IOException {
        image.read(fileOffset, target);
    }

    @Override
    public long length() {
        return image.sizeBytes();
    }

    @Override
    public long nextData(long fileOffset) throws IOException {
        return next(fileOffset, true);
    }

    @Override
    public long nextHole(long fileOffset) throws IOException {
        return next(fileOffset, false);
    }

    private long next(long from, boolean isData) throws IOException {
        long at = from;
        while (at < length()) {
            ChainExtents.ChainExtent extent = ChainExtents.at(image, at, Math.min(MAX_ASK_BYTES, length() - at));
            if ((extent.kind() == GuestImage.Kind.DATA) == isData) {
                return at;
            }
            at += extent.lengthBytes();
        }
        return Math.max(from, length());
    }
}
