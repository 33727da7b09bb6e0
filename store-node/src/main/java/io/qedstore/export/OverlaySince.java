package io.qedstore.export;

import io.qedstore.hosting.Room;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.GuestImage.Extent;
import io.qedstore.qed.GuestImage.Kind;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.Zeros;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * Makes an overlay of what has changed: over the image as it was then it shows the image as it is now. It holds the clusters that a guest
 * sees otherwise than then, and no others.
 *
 * <p>Both are looked at without what is behind them, which is the same for both; so a cluster that hid what is behind it only since then
 * differs, too. What neither holds is passed by; all else is read and compared. Of one thread.
 */
final class OverlaySince {
    private static final int ROOM_EVERY_BYTES = 1 << 20;

    private final GuestImage then;
    private final GuestImage now;
    private final QedHeader header;
    private final ImageGeometry geometry;
    private final Room room;
    private final ByteBuffer before;
    private final ByteBuffer after;
    private long unasked;

    /**
     * @param then not larger than {@code now}
     * @param header of {@code now}
     * @param room asked for each MiB of the overlay
     */
    OverlaySince(GuestImage then, GuestImage now, QedHeader header, Room room) {
        this.then = then;
        this.now = now;
        this.header = header;
        this.geometry = header.geometry();
        this.room = room;
        this.before = ByteBuffer.allocate(geometry.clusterSize());
        this.after = ByteBuffer.allocate(geometry.clusterSize());
    }

    /**
     * Fills an empty file.
     *
     * @param backingName by which the overlay finds {@code then}
     */
    void writeTo(ImageFile file, String backingName) throws IOException {
        new NewImage(geometry, now.sizeBytes(), backingName, "").createIn(file, HeaderLayout.FINAL);
        // what is written are whole clusters, so nothing of the backing file is ever wanted for them
        PlainImage overlay = PlainImage.open("the overlay", file, then, QedImage.DEFAULT_L2_CACHE_BYTES);
        for (long at = 0; at < now.sizeBytes(); ) {
            long max = now.sizeBytes() - at;
            Extent is = now.extent(at, max);
            Extent was = was(at, max);
            long end = geometry.ceilToCluster(at + Math.min(is.lengthBytes(), was.lengthBytes()));
            boolean mayDiffer = is.kind() != was.kind() || is.kind() == Kind.DATA;
            while (mayDiffer && at < Math.min(end, now.sizeBytes())) {
                cluster(overlay, at, was.kind());
                at += geometry.clusterSize();
            }
            at = end;
        }
        overlay.flush();
    }

    private Extent was(long guestOffset, long maxBytes) throws IOException {
        long rest = then.sizeBytes() - guestOffset;
        return rest > 0
                ? then.extent(guestOffset, Math.min(maxBytes, rest))
                : new Extent(Kind.UNALLOCATED, maxBytes, OptionalLong.empty());
    }

    private void cluster(PlainImage overlay, long guestOffset, Kind was) throws IOException {
        int count = (int) Math.min(geometry.clusterSize(), now.sizeBytes() - guestOffset);
        then.read(guestOffset, before.clear().limit(count));
        now.read(guestOffset, after.clear().limit(count));
        boolean showedThrough = was == Kind.UNALLOCATED && header.hasBackingFile();
        if (!showedThrough && before.flip().equals(after.flip())) {
            return;
        }
        after.rewind().limit(count);
        if (Zeros.areAll(after)) {
            overlay.writeZeroes(guestOffset, count);
        } else {
            overlay.write(guestOffset, after);
            unasked += count;
        }
        if (unasked >= ROOM_EVERY_BYTES) {
            unasked = 0;
            room.require();
        }
    }
}
