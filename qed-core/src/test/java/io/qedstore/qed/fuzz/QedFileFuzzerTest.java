package io.qedstore.qed.fuzz;

import java.io.IOException;
import java.util.EnumSet;

class QedFileFuzzerTest extends FuzzerReplay {
    QedFileFuzzerTest() {
        super("qed-file", 1000, EnumSet.allOf(QedFileFuzzer.Depth.class));
    }

    @Override
    protected Object depth(byte[] input) throws IOException {
        return QedFileFuzzer.depth(input);
    }
}
