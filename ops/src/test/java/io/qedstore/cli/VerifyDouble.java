package io.qedstore.cli;

import io.qedstore.api.CopyVerification;
import io.qedstore.api.LogVerification;
import io.qedstore.api.Verification;
import io.qedstore.cli.NodeDouble.Answer;
import java.util.List;
import java.util.Optional;

/** A verification that is done when it is asked for the second time. */
final class VerifyDouble {
    /** What comes of the replica's copy. */
    volatile CopyVerification replica = copy("node-2", "replica", "ok", Optional.empty(), List.of());

    private int asked;

    Answer answer(String what) {
        asked = what.startsWith("POST") ? 0 : asked + 1;
        boolean isDone = asked >= 2;
        LogVerification log = new LogVerification(
                isDone ? "ok" : "running", Optional.empty(), 6, 1200, Optional.of("abcd"), 1300, 1300, 4, 17);
        CopyVerification owner = copy("node-1", "owner", asked == 0 ? "running" : "ok", Optional.empty(), List.of());
        return Answer.json(200, new Verification(Optional.of(log), List.of(owner, replica)));
    }

    static CopyVerification copy(
            String node, String role, String state, Optional<String> detail, List<Long> badOffsets) {
        boolean isOk = state.equals("ok");
        return new CopyVerification(
                node, role, state, detail, isOk ? 1200 : 0, 1199, 1 << 20, 1 << 20, badOffsets.size(), badOffsets);
    }
}
