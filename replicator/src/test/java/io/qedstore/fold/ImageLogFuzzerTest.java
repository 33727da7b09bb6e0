package io.qedstore.fold;

import io.qedstore.qed.fuzz.FuzzerReplay;
import java.io.IOException;
import java.util.EnumSet;

/** Deliberate bug that turns it red: the fold counts an event before it looks whether all of it is understood. */
class ImageLogFuzzerTest extends FuzzerReplay {
    ImageLogFuzzerTest() {
        super("image-log", 2000, EnumSet.allOf(ImageLogFuzzer.Depth.class));
    }

    @Override
    protected Object depth(byte[] input) throws IOException {
        return ImageLogFuzzer.depth(input);
    }
}
