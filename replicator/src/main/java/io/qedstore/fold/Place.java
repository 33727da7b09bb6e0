package io.qedstore.fold;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.log.StoredRecord;

/** A record that was seen at an offset: while the log has lost nothing, it is there. */
public record Place(long offset, DigestAlgorithm algorithm, Digest digest) {
    /** Whether a record that was read is the one that was seen. */
    public boolean holds(StoredRecord stored) {
        return stored.offset() == offset && algorithm.of(stored.bytes()).equals(digest);
    }
}
