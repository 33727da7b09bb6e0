package io.qedstore.cli;

import io.qedstore.api.CopyInfo;
import java.time.Duration;
import java.util.Optional;

/** Waits for a copy that is being made, as long as it goes on. */
final class CopyWait {
    private static final Duration LOOK = Duration.ofMillis(500);

    /** A copy of which nothing is heard for so long is given up. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final long CLOSE_RECORDS = 1000;

    private final String image;
    private final String node;
    private String last = "";
    private long sinceNanos = System.nanoTime();

    CopyWait(String image, String node) {
        this.image = image;
        this.node = node;
    }

    /** @return whether the copy has caught up */
    boolean isOver(Optional<CopyInfo> copy) throws CommandFailure {
        String now = copy.map(found -> found.state() + " " + found.detail().orElse("") + " " + found.applied())
                .orElse("missing");
        if (copy.isPresent()) {
            CopyInfo found = copy.get();
            boolean isThere = found.state().equals("following") || found.state().equals("owning");
            if (isThere && found.applied() > 0 && found.lagRecords() < CLOSE_RECORDS) {
                return true;
            }
            if (found.state().equals("failed")) {
                throw new CommandFailure("the copy of image '" + image + "' on node '" + node + "' has failed: "
                        + found.detail().orElse("nobody knows why"));
            }
        }
        if (!now.equals(last)) {
            last = now;
            sinceNanos = System.nanoTime();
        } else if (System.nanoTime() - sinceNanos > PATIENCE.toNanos()) {
            throw new CommandFailure("the copy of image '" + image + "' on node '" + node + "' has not gone on for "
                    + PATIENCE.toMinutes() + " minutes: it is " + now.strip());
        }
        return false;
    }

    void pause() throws CommandFailure {
        Polling.pause(LOOK, "interrupted while waiting for a copy");
    }
}
