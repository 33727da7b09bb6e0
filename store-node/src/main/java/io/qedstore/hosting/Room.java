package io.qedstore.hosting;

import java.io.IOException;

/** Whether there is room for more on the node's disk. */
@FunctionalInterface
public interface Room {
    /** @throws IOException if there is none */
    void require() throws IOException;
}
