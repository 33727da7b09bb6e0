package io.qedstore.qed.fuzz;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs {@link QedFileFuzzer} under Jazzer.
 *
 * <p>Deliberate bugs that must turn it red: a lookup that does not compare L2 entries with the file's bounds; a repair
 * that mends nothing.
 */
@Tag("once") // on one JDK
class QedFileFuzzerIT {
    @Test
    void no_file_makes_the_engine_fail_hang_or_take_too_much_memory() throws Exception {
        new JazzerRun(
                        QedFileFuzzer.class,
                        "qed-file",
                        List.of("io.qedstore.qed.**"),
                        List.of(SparseFile.class, MemoryBudget.class))
                .requireNoFinding();
    }
}
