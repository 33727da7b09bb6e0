package io.qedstore.index;

import io.qedstore.qed.fuzz.FuzzerReplay;
import java.io.IOException;
import java.util.EnumSet;

/** Deliberate bug that turns it red: a floor may rise above the points that clones lie over. */
class CatalogFuzzerTest extends FuzzerReplay {
    CatalogFuzzerTest() {
        super("catalog", 1000, EnumSet.allOf(CatalogFuzzer.Depth.class));
    }

    @Override
    protected Object depth(byte[] input) throws IOException {
        return CatalogFuzzer.depth(input);
    }
}
