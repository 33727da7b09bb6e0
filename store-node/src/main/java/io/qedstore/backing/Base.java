package io.qedstore.backing;

import io.qedstore.content.BadBlockException;
import io.qedstore.event.Backing;
import io.qedstore.hosting.BaseMissingException;
import io.qedstore.log.LogException;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One base, and all who use it: an image's file as it was behind an event. State changes under this object's monitor, under which nobody is called; the disk is worked on by one
 * maker at a time.
 */
public final class Base {
    private static final Logger LOG = LoggerFactory.getLogger(Base.class);

    private final Backing of;
    private final BaseDisk disk;
    private final Maker maker;
    private final boolean verifies;

    /** Held while something is made or looked for on the disk. */
    private final Object making = new Object();

    /** Held while the image is opened, and what is behind it. */
    private final Object opening = new Object();

    private volatile @Nullable StoredBase stored;
    private volatile boolean damaged;

    // ---- guarded by this object's monitor

    private @Nullable GuestImage image;

    /** Files that were replaced, and that somebody may still be reading. */
    private final List<StoredBase> replaced = new ArrayList<>();

    private boolean removed;
    private String waitsFor = "it was not looked for yet";
    private boolean isBeingMade;
    private long triedNanos;

    /** Makes what the disk does not have, and opens what is behind. */
    public interface Maker {
        StoredBase make(Backing of, BaseDisk disk) throws IOException;

        /** What the base itself lies over; null if nothing. */
        @Nullable
        GuestImage behind(Backing of) throws IOException;

        /** The name of the file behind, as the catalog has it; empty for none. */
        String nameBehind(Backing of) throws IOException;
    }

    /** @param verifies whether what is read is compared with what is known */
    public Base(Backing of, BaseDisk disk, Maker maker, boolean verifies) {
        this.of = of;
        this.disk = disk;
        this.maker = maker;
        this.verifies = verifies;
    }

    Backing of() {
        return of;
    }

    @Nullable
    StoredBase stored() {
        return stored;
    }

    /** Whether it is not whole, as far as is known, or is gone from the disk. */
    public boolean isToBeMade() {
        return stored == null || damaged || !disk.isThere();
    }

    synchronized Optional<String> missing() {
        return stored == null ? Optional.of(waits()) : Optional.empty();
    }

    private String waits() {
        return "waiting for its base " + of.fileName() + ": " + waitsFor;
    }

    /** @return whether the caller is the one who is to do it: nobody else is about to, and it was not tried just now */
    synchronized boolean beginMaking(long nowNanos, long againAfterNanos) {
        boolean isTime = triedNanos == 0 || nowNanos - triedNanos >= againAfterNanos;
        if (isBeingMade || removed || !isTime) {
            return false;
        }
        isBeingMade = true;
        triedNanos = nowNanos;
        return true;
    }

    synchronized boolean isBeingMade() {
        return isBeingMade;
    }

    /** The end of what {@link #beginMaking} has begun. */
    synchronized void endMaking() {
        isBeingMade = false;
    }

    /** Opens it, or makes it if it is not there or not whole. Waits for the log and for another who is at it. */
    public void make() throws IOException {
        synchronized (making) {
            if (!isToBeMade()) {
                return;
            }
            try {
                boolean mayBeThere = stored == null && disk.isThere();
                Optional<StoredBase> found = mayBeThere ? disk.open() : Optional.empty();
                if (found.isPresent()) {
                    put(found.get());
                } else {
                    waiting("it is being made");
                    put(maker.make(of, disk));
                    LOG.info("the base {} is made", disk.file());
                }
            } catch (IOException e) {
                waiting(String.valueOf(e.getMessage()));
                throw e;
            }
        }
    }

    private synchronized void waiting(String why) {
        waitsFor = why;
    }

    private synchronized void put(StoredBase now) {
        StoredBase before = stored;
        if (before != null) {
            replaced.add(before);
        }
        stored = now;
        damaged = false;
        if (removed) {
            close();
        }
    }

    /** A block of it is lost, if that was the reason. */
    void damagedIf(IOException cause) {
        boolean mayBeFound = cause.getCause() instanceof LogException.Unavailable
                || cause.getCause() instanceof LogException.Refused;
        if (cause instanceof BadBlockException && !mayBeFound) {
            damaged = true;
        }
    }

    /** To read, for one more, until it is removed. */
    public GuestImage open() throws IOException {
        synchronized (opening) {
            Optional<GuestImage> there = opened();
            if (there.isEmpty()) {
                GuestImage made = openImage();
                synchronized (this) {
                    image = removed ? null : made;
                }
                there = Optional.of(made);
            }
            return new SharedImage(there.get());
        }
    }

    private synchronized Optional<GuestImage> opened() throws BaseMissingException {
        if (stored == null || removed) {
            throw new BaseMissingException(waits());
        }
        return Optional.ofNullable(image);
    }

    private StoredBase requireStored() throws IOException {
        StoredBase now = stored;
        if (now == null) {
            throw new IOException("the base " + of.fileName() + " is not on this node any more");
        }
        return now;
    }

    /** The file's bytes, as long as it is there. */
    public FileView view() throws IOException {
        return new BaseView(this::requireStored, verifies, this::damagedIf);
    }

    private GuestImage openImage() throws IOException {
        FileView view = view();
        HeaderReader start = HeaderReader.read(view, HeaderLayout.FINAL);
        String behind = maker.nameBehind(of);
        if (!start.backing().name().equals(behind)) {
            throw new IOException("the file " + disk.file() + " names '"
                    + start.backing().name() + "' as its backing file, and the catalog '" + behind + "'");
        }
        return QedImage.open(
                disk.file().toString(),
                view,
                () -> {},
                start.header(),
                maker.behind(of),
                QedImage.DEFAULT_L2_CACHE_BYTES);
    }

    /** Nobody needs it any more: it is closed, and its files go. */
    public void remove() throws IOException {
        synchronized (making) {
            close();
            disk.remove();
        }
    }

    /** Closes it, whoever reads; its files stay. */
    synchronized void close() {
        removed = true;
        StoredBase now = stored;
        stored = null;
        image = null;
        if (now != null) {
            replaced.add(now);
        }
        for (StoredBase each : replaced) {
            try {
                each.close();
            } catch (IOException e) {
                LOG.warn("the base {} could not be closed in order", disk.file(), e);
            }
        }
        replaced.clear();
    }
}
