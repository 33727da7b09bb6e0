package io.qedstore.config;

import io.qedstore.qed.fuzz.FuzzerReplay;
import java.io.IOException;
import java.util.EnumSet;

/** Deliberate bug that turns it red: the configuration tells the values that are for Kafka. */
class NodeConfigFuzzerTest extends FuzzerReplay {
    NodeConfigFuzzerTest() {
        super("node-config", 2000, EnumSet.allOf(NodeConfigFuzzer.Depth.class));
    }

    @Override
    protected Object depth(byte[] input) throws IOException {
        return NodeConfigFuzzer.depth(input);
    }
}
