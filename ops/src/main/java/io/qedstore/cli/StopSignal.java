package io.qedstore.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** Lets a command run until SIGTERM or SIGINT, and end in order then, with the exit code that it means. */
final class StopSignal {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final CompletableFuture<Void> signal = new CompletableFuture<>();
    private volatile int exitCode;

    private StopSignal() {}

    static StopSignal install() {
        StopSignal stop = new StopSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(stop::shutDown, "stop"));
        return stop;
    }

    /** Returns once somebody wants the program to end. */
    void await() throws InterruptedException {
        asked.await();
    }

    /** Runs something as soon as somebody wants the program to end. */
    void onSignal(Runnable action) {
        CompletableFuture<Void> unused = signal.thenRun(action);
    }

    /** The command did not end well. */
    void failed() {
        exitCode = Main.FAILED;
    }

    /** Everything is cleared away: the program may end. */
    void done() {
        done.countDown();
    }

    private void shutDown() {
        boolean signalled = asked.getCount() > 0 && done.getCount() > 0;
        asked.countDown();
        if (!signalled) {
            return; // the command ended by itself
        }
        signal.complete(null);
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(exitCode);
    }
}
