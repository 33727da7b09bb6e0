package io.qedstore.config;

import java.util.Locale;

/** How many clients may write to an image at the same time. */
public enum AttachMode {
    /** One: an ordinary file system is damaged by a second. */
    EXCLUSIVE,
    /** Any number: they are told to agree among themselves. */
    SHARED;

    /** The name as people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
