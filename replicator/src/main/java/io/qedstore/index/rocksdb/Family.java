package io.qedstore.index.rocksdb;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The column families; {@link Keys} says what is in each. Their names are part of the format. */
enum Family {
    DEFAULT,
    IMAGES,
    NAMES,
    NODES,
    PLACEMENTS,
    CLONES,
    SNAPSHOTS,
    CHECKPOINTS,
    POINTS,
    PROGRESS,
    BLOCKS;

    String storedName() {
        return name().toLowerCase(Locale.ROOT);
    }

    byte[] storedNameBytes() {
        return storedName().getBytes(StandardCharsets.US_ASCII);
    }
}
