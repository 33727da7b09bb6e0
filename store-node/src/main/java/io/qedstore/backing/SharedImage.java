package io.qedstore.backing;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** An image that several have open; it stays open when one of them closes it, until it is removed. */
final class SharedImage implements GuestImage {
    private final GuestImage image;

    SharedImage(GuestImage image) {
        this.image = image;
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
    public @Nullable Extent extentIfCached(long guestOffset, long maxBytes) throws IOException {
        return image.extentIfCached(guestOffset, maxBytes);
    }

    @Override
    public FileView view() {
        return image.view();
    }

    @Override
    public @Nullable GuestImage backing() {
        return image.backing();
    }

    @Override
    public void close() {}
}
