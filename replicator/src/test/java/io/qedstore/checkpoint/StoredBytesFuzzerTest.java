package io.qedstore.checkpoint;

import io.qedstore.qed.fuzz.FuzzerReplay;
import java.io.IOException;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** Deliberate bug that turns it red: an extent of a chunk may end behind the file's end. */
class StoredBytesFuzzerTest extends FuzzerReplay {
    StoredBytesFuzzerTest() {
        super("stored-bytes", 8000, EnumSet.allOf(StoredBytesFuzzer.Form.class));
    }

    @Override
    protected @Nullable Object depth(byte[] input) throws IOException {
        return StoredBytesFuzzer.isRead(input) ? StoredBytesFuzzer.form(input) : null;
    }
}
