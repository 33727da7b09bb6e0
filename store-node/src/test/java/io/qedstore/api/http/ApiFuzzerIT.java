package io.qedstore.api.http;

import io.qedstore.qed.fuzz.JazzerRun;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs {@link ApiFuzzer} under Jazzer.
 *
 * <p>Deliberate bug that must turn it red: a version of HTTP that is not spoken is taken for a failure of the node.
 */
@Tag("once") // on one JDK
class ApiFuzzerIT {
    @Test
    void noRequestMakesTheServerFailOrAnswerAnythingButHttp() throws Exception {
        new JazzerRun(
                        ApiFuzzer.class,
                        "api-request",
                        List.of("io.qedstore.api.**"),
                        List.of(ApiFixture.class, HttpAnswers.class, InMemoryNodeService.class, MemoryExport.class))
                .requireNoFinding();
    }
}
