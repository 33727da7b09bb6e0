package io.qedstore.qed.format;

/** The errno that a QED driver reports for a broken or refused image. */
public enum Errno {
    EINVAL("Invalid argument"),
    ENOTSUP("Operation not supported"),
    ENOSPC("No space left in the file header"),
    EFBIG("File too large");

    private final String text;

    Errno(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
