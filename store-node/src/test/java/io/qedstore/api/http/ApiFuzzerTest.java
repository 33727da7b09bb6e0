package io.qedstore.api.http;

import io.qedstore.qed.fuzz.FuzzerReplay;
import java.io.IOException;
import java.util.EnumSet;
import org.junit.jupiter.api.AfterAll;

/** Deliberate bug that turns it red: an argument that makes no sense is taken for a failure of the node. */
class ApiFuzzerTest extends FuzzerReplay {
    ApiFuzzerTest() {
        super("api-request", 2000, EnumSet.of(ApiFuzzer.Depth.REFUSED, ApiFuzzer.Depth.ANSWERED));
    }

    @AfterAll
    static void stop() throws IOException {
        ApiFuzzer.fuzzerTearDown();
    }

    @Override
    protected Object depth(byte[] input) throws IOException {
        return ApiFuzzer.depth(input);
    }
}
