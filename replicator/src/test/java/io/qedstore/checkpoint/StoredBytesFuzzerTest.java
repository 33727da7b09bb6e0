package io.qedstore.checkpoint;

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
class StoredBytesFuzzerTest {
    private static final String NAME = "stored-bytes";
    private static final int MUTATED_INPUTS = 8000;

    static List<Path> seeds() throws IOException {
        return FuzzSeeds.files(NAME);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void thePropertiesHoldFor(Path seed) throws IOException {
        StoredBytesFuzzer.isRead(Files.readAllBytes(seed));
    }

    @Test
    void theSeedsAreReadInEveryForm() throws IOException {
        Set<StoredBytesFuzzer.Form> read = EnumSet.noneOf(StoredBytesFuzzer.Form.class);
        for (Path seed : seeds()) {
            byte[] input = Files.readAllBytes(seed);
            if (StoredBytesFuzzer.isRead(input)) {
                read.add(StoredBytesFuzzer.form(input));
            }
        }
        assertThat(read).containsExactlyInAnyOrder(StoredBytesFuzzer.Form.values());
    }

    // Deliberate bug: an extent of a chunk may end behind the file's end.
    @Test
    void thePropertiesHoldForMutatedInputs() throws IOException {
        FuzzSeeds inputs = new FuzzSeeds(NAME);
        Seeds.forEach(MUTATED_INPUTS, seed -> StoredBytesFuzzer.isRead(inputs.mutated(new Random(seed))));
    }
}
