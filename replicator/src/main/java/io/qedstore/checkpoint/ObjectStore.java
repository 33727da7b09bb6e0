package io.qedstore.checkpoint;

import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * A store of named bytes. An object is there as a whole or not at all; one that was put is found by whoever asks afterwards. All
 * methods wait for the network and may be called by many threads.
 */
public interface ObjectStore {
    /** For people: where it is. */
    String place();

    /** Puts an object in the place of the one that has its name, if there is one. */
    void put(String key, byte[] bytes) throws IOException;

    /**
     * @return empty if there is none
     * @throws IOException also if it has more than {@code maxBytes}
     */
    Optional<byte[]> get(String key, int maxBytes) throws IOException;

    /** The objects whose names begin so, with their lengths. */
    Map<String, Long> list(String prefix) throws IOException;

    /** Removes those that are there. */
    void delete(Collection<String> keys) throws IOException;
}
