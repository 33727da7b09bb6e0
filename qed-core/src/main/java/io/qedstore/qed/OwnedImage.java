package io.qedstore.qed;

import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A QED image to read, together with the file that it closes. */
final class OwnedImage implements GuestImage {
    private final QedImage image;
    private final ImageFile file;

    OwnedImage(QedImage image, ImageFile file) {
        this.image = image;
        this.file = file;
    }

    @Override
    public String name() {
        return image.name();
    }

    @Override
    public long sizeBytes() {
        return image.sizeBytes();
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        image.read(guestOffset, target);
    }

    @Override
    public Extent extent(long guestOffset, long maxBytes) throws IOException {
        return image.extent(guestOffset, maxBytes);
    }

    @Override
    public @Nullable GuestImage backing() {
        return image.backing();
    }

    @Override
    public void close() throws IOException {
        try (file) {
            image.close();
        }
    }
}
