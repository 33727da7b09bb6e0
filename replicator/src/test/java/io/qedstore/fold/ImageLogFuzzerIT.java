package io.qedstore.fold;

import io.qedstore.qed.fuzz.JazzerRun;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs {@link ImageLogFuzzer} under Jazzer.
 *
 * <p>Deliberate bug that must turn it red: a change may end behind the largest offset that there is.
 */
@Tag("once") // on one JDK
class ImageLogFuzzerIT {
    @Test
    void noLogMakesTheFoldFailOrMoveTheFileWhereItMustNot() throws Exception {
        new JazzerRun(
                        ImageLogFuzzer.class,
                        "image-log",
                        List.of(
                                "io.qedstore.event.**",
                                "io.qedstore.fold.**",
                                "io.qedstore.content.**",
                                "io.qedstore.qed.change.**"),
                        List.of(FuzzedLog.class, NarrowFile.class, InMemoryProgress.class))
                .requireNoFinding();
    }
}
