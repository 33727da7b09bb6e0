package io.qedstore.checkpoint;

import java.io.IOException;

/** Hears how a copy goes on, and ends it by an exception. */
@FunctionalInterface
public interface CopySteps {
    /**
     * A piece was copied.
     *
     * @param next from where the copy can be taken up again once all before is on the disk
     */
    void copied(long next, int bytes) throws IOException;
}
