package io.qedstore.content;

import io.qedstore.digest.Digest;
import java.io.IOException;
import java.util.Optional;

/** Finds the bytes of a block that a file has lost: another copy has them, or the log. */
@FunctionalInterface
public interface Mender {
    /** Nobody has them. */
    Mender NONE = (block, wanted) -> Optional.empty();

    /**
     * May wait for the network and for the log.
     *
     * @param wanted the block's digest
     * @return the block's bytes; whoever gets them looks whether they have that digest
     * @throws IOException if somebody may have them who could not be asked now
     */
    Optional<byte[]> find(long block, Digest wanted) throws IOException;
}
