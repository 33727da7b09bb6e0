package io.qedstore.config;

import io.qedstore.qed.fuzz.JazzerRun;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs {@link NodeConfigFuzzer} under Jazzer.
 *
 * <p>Deliberate bug that must turn it red: a path with a zero byte in it is not expected.
 */
@Tag("once") // on one JDK
class NodeConfigFuzzerIT {
    @Test
    void noTextIsAnythingButAConfigurationOrRefusedByName() throws Exception {
        new JazzerRun(
                        NodeConfigFuzzer.class,
                        "node-config",
                        List.of("io.qedstore.config.**", "io.qedstore.checkpoint.s3.**"),
                        List.of(ConfigFile.class, NearestName.class))
                .requireNoFinding();
    }
}
