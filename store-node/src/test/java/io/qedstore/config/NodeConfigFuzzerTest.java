package io.qedstore.config;

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
class NodeConfigFuzzerTest {
    private static final String NAME = "node-config";
    private static final int MUTATED_INPUTS = 2000;

    static List<Path> seeds() throws IOException {
        return FuzzSeeds.files(NAME);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void thePropertiesHoldFor(Path seed) throws IOException {
        NodeConfigFuzzer.depth(Files.readAllBytes(seed));
    }

    @Test
    void theSeedsReachEveryDepth() throws IOException {
        Set<NodeConfigFuzzer.Depth> reached = EnumSet.noneOf(NodeConfigFuzzer.Depth.class);
        for (Path seed : seeds()) {
            reached.add(NodeConfigFuzzer.depth(Files.readAllBytes(seed)));
        }
        assertThat(reached).containsExactlyInAnyOrder(NodeConfigFuzzer.Depth.values());
    }

    // Deliberate bug: the configuration tells the values that are for Kafka.
    @Test
    void thePropertiesHoldForMutatedInputs() throws IOException {
        FuzzSeeds inputs = new FuzzSeeds(NAME);
        Seeds.forEach(MUTATED_INPUTS, seed -> NodeConfigFuzzer.depth(inputs.mutated(new Random(seed))));
    }
}
