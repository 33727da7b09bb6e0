package io.qedstore.cli.download;

/** Hears how far a download is. Called by the thread that downloads. */
public interface ExportWatcher {
    /** Bytes that are on this machine, of all that are not zero. */
    void fetched(long doneBytes, long totalBytes);

    /** Bytes whose digest is computed, of the whole file. */
    void verified(long doneBytes, long totalBytes);

    /** Something out of the ordinary, in a sentence. */
    void note(String sentence);
}
