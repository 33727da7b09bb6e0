package io.qedstore.api.http;

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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replays the seeds, past findings among them, without the fuzzer; and mutated ones, which any build can make. */
class ApiFuzzerTest {
    private static final String NAME = "api-request";
    private static final int MUTATED_INPUTS = 2000;

    @AfterAll
    static void stop() throws IOException {
        ApiFuzzer.fuzzerTearDown();
    }

    static List<Path> seeds() throws IOException {
        return FuzzSeeds.files(NAME);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void thePropertiesHoldFor(Path seed) throws IOException {
        ApiFuzzer.depth(Files.readAllBytes(seed));
    }

    @Test
    void theSeedsAreAnsweredAndRefused() throws IOException {
        Set<ApiFuzzer.Depth> reached = EnumSet.noneOf(ApiFuzzer.Depth.class);
        for (Path seed : seeds()) {
            reached.add(ApiFuzzer.depth(Files.readAllBytes(seed)));
        }
        assertThat(reached).containsExactlyInAnyOrder(ApiFuzzer.Depth.REFUSED, ApiFuzzer.Depth.ANSWERED);
    }

    // Deliberate bug: an argument that makes no sense is taken for a failure of the node.
    @Test
    void thePropertiesHoldForMutatedInputs() throws IOException {
        FuzzSeeds inputs = new FuzzSeeds(NAME);
        Seeds.forEach(MUTATED_INPUTS, seed -> ApiFuzzer.depth(inputs.mutated(new Random(seed))));
    }
}
