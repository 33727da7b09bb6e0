package io.qedstore.cli.upload;

/** Hears how an import goes on. */
public interface UploadWatcher {
    void sent(long fileOffset, long fileBytes);

    /** The node writes it into the image's log. */
    void logged(long fileOffset, long fileBytes);

    void note(String sentence);
}
