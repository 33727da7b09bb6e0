package io.qedstore.cli;

import io.qedstore.api.CopyVerification;
import io.qedstore.api.Verification;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** Waits until nothing is being verified any more. A node that does not answer for a while is waited for, if it had begun. */
final class VerifyWait {
    private static final Duration LOOK = Duration.ofMillis(300);
    private static final int MAX_UNHEARD = 30;

    private final String image;
    private final Set<String> begun = new HashSet<>();
    private int unheard;

    VerifyWait(String image) {
        this.image = image;
    }

    boolean isOver(Verification now) {
        boolean isRunning = now.log().map(log -> log.state().equals("running")).orElse(false);
        boolean isUnheard = false;
        for (CopyVerification copy : now.copies()) {
            if (copy.state().equals("running")) {
                begun.add(copy.node());
                isRunning = true;
            } else if (copy.state().equals("unreachable")) {
                isUnheard |= begun.contains(copy.node());
            } else {
                begun.remove(copy.node());
            }
        }
        unheard = isUnheard ? unheard + 1 : 0;
        return !isRunning && (!isUnheard || unheard > MAX_UNHEARD);
    }

    void pause() throws CommandFailure {
        Polling.pause(LOOK, "interrupted while image '" + image + "' was verified; the nodes go on with it");
    }
}
