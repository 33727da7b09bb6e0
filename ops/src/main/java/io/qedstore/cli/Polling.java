package io.qedstore.cli;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How a command waits for a node that is asked again and again. */
final class Polling {
    private Polling() {}

    /** @param ifInterrupted what is then to be said */
    static void pause(Duration length, String ifInterrupted) throws CommandFailure {
        try {
            TimeUnit.MILLISECONDS.sleep(length.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ifInterrupted);
        }
    }
}
