package io.qedstore.nbd;

import io.qedstore.qed.fuzz.JazzerRun;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs {@link NbdSessionFuzzer} under Jazzer.
 *
 * <p>Deliberate bugs that must turn it red: a block status payload without contexts that is taken; the budget not given
 * back for what a closed connection had parked.
 */
@Tag("once") // on one JDK
class NbdSessionFuzzerIT {
    @Test
    void noClientMakesTheServerFailHangOrLoseMemory() throws Exception {
        new JazzerRun(
                        NbdSessionFuzzer.class,
                        "nbd-session",
                        List.of("io.qedstore.nbd.**"),
                        List.of(
                                FuzzedSession.class,
                                ReplyParser.class,
                                WireClient.class,
                                WireReply.class,
                                Bytes.class,
                                LogWatch.class))
                .requireNoFinding();
    }
}
