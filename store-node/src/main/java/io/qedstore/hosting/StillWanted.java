package io.qedstore.hosting;

import io.qedstore.index.CatalogImage;
import java.io.IOException;

/** Whether a copy that is being made is to go on: somebody wants it, and there is room. Safe for many threads. */
final class StillWanted implements ByteRate.Check {
    private final Host host;
    private final CatalogImage image;
    private volatile boolean cancelled;

    StillWanted(Host host, CatalogImage image) {
        this.host = host;
        this.image = image;
    }

    void cancel() {
        cancelled = true;
    }

    @Override
    public void require() throws IOException {
        if (host.replicasStand().getAsBoolean()) {
            throw new IOException("the disk of this node is nearly full; make room");
        }
        if (cancelled) {
            throw new IOException("image " + image.name() + " is closed");
        }
    }
}
