package io.qedstore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.model.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many runs of the simulation, and proof that it finds what it is for. */
class OwnershipSimulationTest {
    private static final int SEEDS = 500;

    @Test
    void whatWasPromisedHolds() {
        int[] acknowledgements = new int[1];
        Seeds.forEach(SEEDS, seed -> {
            Simulation simulation = new Simulation(seed, Bug.NONE, false);
            simulation.run();
            acknowledgements[0] += simulation.acknowledgements();
        });
        assertThat(acknowledgements[0]).as("events were written").isPositive();
    }

    @Test
    void aLogThatLosesWhatItAcknowledgedIsNoticed() {
        int[] named = new int[1];
        Seeds.forEach(SEEDS / 5, seed -> {
            Simulation simulation = new Simulation(seed, Bug.NONE, true);
            simulation.run();
            named[0] += simulation.namedLosses();
        });
        assertThat(named[0]).as("losses that were named").isPositive();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void everyMistakeIsFound(Bug bug) {
        List<Long> found = new ArrayList<>();
        for (long seed = 0; seed < SEEDS && found.isEmpty(); seed++) {
            try {
                new Simulation(seed, bug, false).run();
            } catch (AssertionError e) {
                found.add(seed);
            }
        }
        assertThat(found).as("seeds that find " + bug).isNotEmpty();
    }
}
