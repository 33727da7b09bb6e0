package io.qedstore.hosting;

import io.qedstore.event.Backing;
import io.qedstore.qed.GuestImage;
import java.io.IOException;
import java.util.Optional;

/** The frozen images that clones lie over, as far as this node has them. Safe for many threads. */
public interface Bases {
    /**
     * Opens a base to read, with all that is behind it. Waits for the disk and for nothing else. Whoever asked closes it.
     *
     * @throws BaseMissingException if it is not here, with what is being done about it
     */
    GuestImage open(Backing backing) throws IOException;

    /** What a base waits for that is not here; empty if it is. Does not wait. */
    Optional<String> missing(Backing backing);
}
