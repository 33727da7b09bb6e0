package io.qedstore.hosting;

import io.qedstore.event.Backing;
import io.qedstore.qed.GuestImage;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Bases that a test has put there. One thread. */
final class TestBases implements Bases {
    private final Map<Backing, GuestImage> there = new HashMap<>();

    void put(Backing backing, GuestImage image) {
        there.put(backing, image);
    }

    @Override
    public GuestImage open(Backing backing) throws IOException {
        GuestImage image = there.get(backing);
        if (image == null) {
            throw new BaseMissingException("waiting for its base " + backing.fileName());
        }
        return image;
    }

    @Override
    public Optional<String> missing(Backing backing) {
        return there.containsKey(backing) ? Optional.empty() : Optional.of("waiting for " + backing.fileName());
    }
}
