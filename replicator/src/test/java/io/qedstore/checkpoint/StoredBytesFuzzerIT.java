package io.qedstore.checkpoint;

import io.qedstore.index.rocksdb.StoredValues;
import io.qedstore.qed.fuzz.JazzerRun;
import io.qedstore.rebuild.StoredProgress;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs {@link StoredBytesFuzzer} under Jazzer.
 *
 * <p>Deliberate bug that must turn it red: the length of a place in a rebuild's progress is believed, whatever comes behind it.
 */
@Tag("once") // on one JDK
class StoredBytesFuzzerIT {
    @Test
    void nothingThatIsStoredMakesItsReaderFail() throws Exception {
        new JazzerRun(
                        StoredBytesFuzzer.class,
                        "stored-bytes",
                        List.of(
                                "io.qedstore.checkpoint.**",
                                "io.qedstore.fold.**",
                                "io.qedstore.index.rocksdb.**",
                                "io.qedstore.rebuild.**",
                                "io.qedstore.replica.**"),
                        List.of(StoredProgress.class, StoredValues.class))
                .requireNoFinding();
    }
}
