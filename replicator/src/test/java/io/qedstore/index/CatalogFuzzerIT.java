package io.qedstore.index;

import io.qedstore.qed.fuzz.JazzerRun;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs {@link CatalogFuzzer} under Jazzer.
 *
 * <p>Deliberate bug that must turn it red: an undeleted image is not counted among those that live.
 */
@Tag("once") // on one JDK
class CatalogFuzzerIT {
    @Test
    void noCatalogMakesTheFoldFailOrContradictItself() throws Exception {
        new JazzerRun(
                        CatalogFuzzer.class,
                        "catalog",
                        List.of("io.qedstore.event.**", "io.qedstore.index.**"),
                        List.of(InMemoryIndex.class, TestCatalog.class))
                .requireNoFinding();
    }
}
