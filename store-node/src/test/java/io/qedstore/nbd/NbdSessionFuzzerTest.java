package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replays the seeds, past findings among them, without the fuzzer; and random inputs, which any build can make. */
class NbdSessionFuzzerTest {
    private static final Path SEEDS = Path.of("src", "test", "resources", "fuzz", "nbd-session");
    private static final int RANDOM_INPUTS = 4000;

    static List<Path> seeds() throws IOException {
        try (Stream<Path> files = Files.list(SEEDS)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void thePropertiesHoldFor(Path seed) throws IOException {
        NbdSessionFuzzer.depth(Files.readAllBytes(seed));
    }

    @Test
    void theSeedsReachEveryDepth() throws IOException {
        Set<NbdSessionFuzzer.Depth> reached = EnumSet.noneOf(NbdSessionFuzzer.Depth.class);
        for (Path seed : seeds()) {
            reached.add(NbdSessionFuzzer.depth(Files.readAllBytes(seed)));
        }
        assertThat(reached).containsExactlyInAnyOrder(NbdSessionFuzzer.Depth.values());
    }

    @Test
    void thePropertiesHoldForRandomInputs() {
        // Deliberate bugs: a reply that is forgotten; a byte of the budget that is not given back; a buffer too.
        Seeds.forEach(RANDOM_INPUTS, seed -> {
            Random random = new Random(seed);
            byte[] input = new byte[random.nextInt(400)];
            random.nextBytes(input);
            NbdSessionFuzzer.depth(input);
        });
    }
}
