package io.qedstore.points;

import io.qedstore.backing.Base;
import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;

/**
 * The file of an image as it was behind an event. It stays until it is closed by all who have it, and for a while after. Nobody
 * writes to it but who puts back what the disk has lost; what is read is right, where reads are verified.
 */
public final class PointFile implements AutoCloseable {
    private final ImageId image;
    private final Sequence sequence;
    private final Base stored;
    private final Runnable left;
    private boolean closed;

    PointFile(ImageId image, Sequence sequence, Base stored, Runnable left) {
        this.image = image;
        this.sequence = sequence;
        this.stored = stored;
        this.left = left;
    }

    public ImageId image() {
        return image;
    }

    public Sequence sequence() {
        return sequence;
    }

    /** The file's bytes. */
    public FileView view() throws IOException {
        return stored.view();
    }

    /** The disk, with what it lies over. */
    public GuestImage open() throws IOException {
        return stored.open();
    }

    /** The disk without what it lies over: zeros where the file holds nothing itself. */
    public GuestImage openAlone() throws IOException {
        FileView view = view();
        HeaderReader start = HeaderReader.read(view, HeaderLayout.FINAL);
        return QedImage.open(
                "event " + sequence, view, () -> {}, start.header(), null, QedImage.DEFAULT_L2_CACHE_BYTES);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        left.run();
    }
}
