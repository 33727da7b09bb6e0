package io.qedstore.qed.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What any build does with a fuzzer's target, without the fuzzer: the seeds, past findings among them, and seeds that are changed in a
 * few places.
 */
public abstract class FuzzerReplay {
    private final String name;
    private final int mutatedInputs;
    private final Set<?> depths;

    /**
     * @param name of the seeds' folder
     * @param depths how far the seeds get, all together
     */
    protected FuzzerReplay(String name, int mutatedInputs, Set<?> depths) {
        this.name = name;
        this.mutatedInputs = mutatedInputs;
        this.depths = Set.copyOf(depths);
    }

    /**
     * Requires that the properties hold for an input.
     *
     * @return how far it got; null if nowhere
     */
    protected abstract @Nullable Object depth(byte[] input) throws IOException;

    @TestFactory
    Stream<DynamicTest> thePropertiesHoldForEachSeed() throws IOException {
        return FuzzSeeds.files(name).stream()
                .map(seed -> DynamicTest.dynamicTest(
                        String.valueOf(seed.getFileName()), () -> depth(Files.readAllBytes(seed))));
    }

    @Test
    void theSeedsReachEveryDepth() throws IOException {
        Set<Object> reached = new HashSet<>();
        for (Path seed : FuzzSeeds.files(name)) {
            Object depth = depth(Files.readAllBytes(seed));
            if (depth != null) {
                reached.add(depth);
            }
        }
        assertThat(reached).isEqualTo(depths);
    }

    @Test
    void thePropertiesHoldForMutatedInputs() throws IOException {
        FuzzSeeds inputs = new FuzzSeeds(name);
        Seeds.forEach(mutatedInputs, seed -> depth(inputs.mutated(new Random(seed))));
    }
}
