package io.qedstore.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be ended, the last first. One that fails keeps the others from nothing. */
final class Shutdown {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    private final Deque<Step> steps = new ArrayDeque<>();

    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    private record Step(String what, Action action) {}

    void add(String what, Action action) {
        steps.push(new Step(what, action));
    }

    /** @return whether all went well */
    boolean run() {
        boolean well = true;
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.action().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                LOG.error("{}: interrupted while ending", step.what());
                well = false;
            } catch (Exception e) {
                LOG.error("{}: did not end in order: {}", step.what(), e.getMessage(), e);
                well = false;
            }
        }
        return well;
    }
}
