package io.qedstore.points;

import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import java.nio.file.Path;

/**
 * The file of an image as it was behind an event. It stays until it is closed by all who have it, and for a while after. Nobody
 * writes to it.
 */
public final class PointFile implements AutoCloseable {
    private final ImageId image;
    private final Sequence sequence;
    private final Path path;
    private final Runnable left;
    private boolean closed;

    PointFile(ImageId image, Sequence sequence, Path path, Runnable left) {
        this.image = image;
        this.sequence = sequence;
        this.path = path;
        this.left = left;
    }

    public ImageId image() {
        return image;
    }

    public Sequence sequence() {
        return sequence;
    }

    public Path path() {
        return path;
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
