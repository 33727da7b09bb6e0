package io.qedstore.qed.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replays the seeds, past findings among them, without the fuzzer. */
class QedFileFuzzerTest {
    private static final Path SEEDS = Path.of("src", "test", "resources", "fuzz", "qed-file");

    static List<Path> seeds() throws IOException {
        try (Stream<Path> files = Files.list(SEEDS)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void the_properties_hold_for(Path seed) throws IOException {
        QedFileFuzzer.depth(Files.readAllBytes(seed));
    }

    @Test
    void the_seeds_reach_refused_corrupt_and_sound_files() throws IOException {
        Set<QedFileFuzzer.Depth> reached = EnumSet.noneOf(QedFileFuzzer.Depth.class);
        for (Path seed : seeds()) {
            reached.add(QedFileFuzzer.depth(Files.readAllBytes(seed)));
        }
        assertThat(reached).containsExactlyInAnyOrder(QedFileFuzzer.Depth.values());
    }
}
