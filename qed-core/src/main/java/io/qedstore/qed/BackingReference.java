package io.qedstore.qed;

/**
 * What a header says of its backing file.
 *
 * @param name as it stands in the file up to the first NUL, read as UTF-8; empty means that there is none
 * @param format how to open it
 */
public record BackingReference(String name, ImageFormat format) {
    public static final BackingReference NONE = new BackingReference("", ImageFormat.PROBE);

    public boolean exists() {
        return !name.isEmpty();
    }
}
