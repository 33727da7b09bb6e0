package io.qedstore.config;

import java.util.Locale;

/** What a node does with images. */
public enum NodeRole {
    /** Owns images: clients write to them through it. */
    OWNER,
    /** Keeps copies of images that other nodes own. */
    REPLICA;

    /** The name as people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
