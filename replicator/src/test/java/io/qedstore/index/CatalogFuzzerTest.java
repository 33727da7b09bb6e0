package io.qedstore.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.fuzz.FuzzSeeds;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replays the seeds, past findings among them, without the fuzzer; and mutated ones, which any build can make. */
class CatalogFuzzerTest {
    private static final String NAME = "catalog";
    private static final int MUTATED_INPUTS = 1000;

    static List<Path> seeds() throws IOException {
        return FuzzSeeds.files(NAME);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void thePropertiesHoldFor(Path seed) throws IOException {
        CatalogFuzzer.depth(Files.readAllBytes(seed));
    }

    @Test
    void theSeedsReachEveryDepth() throws IOException {
        Set<CatalogFuzzer.Depth> reached = EnumSet.noneOf(CatalogFuzzer.Depth.class);
        for (Path seed : seeds()) {
            reached.add(CatalogFuzzer.depth(Files.readAllBytes(seed)));
        }
        assertThat(reached).containsExactlyInAnyOrder(CatalogFuzzer.Depth.values());
    }

    // Deliberate bug: a floor may rise above the points that clones lie over.
    @Test
    void thePropertiesHoldForMutatedInputs() throws IOException {
        FuzzSeeds inputs = new FuzzSeeds(NAME);
        Seeds.forEach(MUTATED_INPUTS, seed -> CatalogFuzzer.depth(inputs.mutated(new Random(seed))));
    }
}
