package io.qedstore.nbd;

import io.qedstore.qed.fuzz.FuzzerReplay;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Deliberate bugs that turn it red: a reply that is forgotten; a byte of the budget that is not given back; a buffer too. */
class NbdSessionFuzzerTest extends FuzzerReplay {
    private static final int RANDOM_INPUTS = 4000;

    NbdSessionFuzzerTest() {
        super("nbd-session", 1000, EnumSet.allOf(NbdSessionFuzzer.Depth.class));
    }

    @Override
    protected Object depth(byte[] input) throws IOException {
        return NbdSessionFuzzer.depth(input);
    }

    @Test
    void thePropertiesHoldForRandomInputs() {
        Seeds.forEach(RANDOM_INPUTS, seed -> {
            Random random = new Random(seed);
            byte[] input = new byte[random.nextInt(400)];
            random.nextBytes(input);
            depth(input);
        });
    }
}
