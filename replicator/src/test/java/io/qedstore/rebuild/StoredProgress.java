package io.qedstore.rebuild;

import java.util.Optional;

/** How far a rebuild has come, as the fuzzer of stored bytes sees it. */
public final class StoredProgress {
    private StoredProgress() {}

    /** @return whether the bytes are one, which is the same once it was written again */
    public static boolean isRead(byte[] bytes) {
        Optional<RebuildProgress> read = RebuildProgress.decode(bytes);
        if (read.isPresent()
                && !RebuildProgress.decode(RebuildProgress.encode(read.get())).equals(read)) {
            throw new AssertionError("is another when written: " + read);
        }
        return read.isPresent();
    }
}
