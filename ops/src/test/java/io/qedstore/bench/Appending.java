package io.qedstore.bench;

import java.io.IOException;

/** One of the two that append. */
interface Appending extends AutoCloseable {
    /**
     * Appends the next record of one image. Does not wait.
     *
     * @param number of the image
     * @param done called when it is acknowledged, or has failed
     */
    void append(int number, Done done);

    @Override
    void close() throws IOException;

    /** What became of a record. */
    interface Done {
        void acknowledged();

        void failed(Exception cause);
    }
}
