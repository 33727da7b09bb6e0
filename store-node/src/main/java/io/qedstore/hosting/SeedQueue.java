package io.qedstore.hosting;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies that a node makes. As many at a time as there are threads, each a part by turns, so that a large image keeps no small
 * one waiting; all of them together below a rate.
 */
public final class SeedQueue {
    private static final Logger LOG = LoggerFactory.getLogger(SeedQueue.class);

    private final Executor threads;
    private final ByteRate rate;

    /** A copy that is being made. Called by one thread at a time. */
    interface Job {
        /**
         * Copies a part.
         *
         * @return whether that was the last
         */
        boolean step(ByteRate rate) throws IOException;

        /** How far it is, for people. By any thread. */
        String state();

        /** Ends it soon, as failed. By any thread. */
        void cancel();

        /** It is whole. */
        void done();

        /** It cannot go on now; what was copied stays. */
        void failed(IOException cause);
    }

    /**
     * @param threads run what waits for whoever has the bytes, in the order in which it comes
     * @param rate of all together
     */
    public SeedQueue(Executor threads, ByteRate rate) {
        this.threads = threads;
        this.rate = rate;
    }

    void add(Job job) {
        try {
            threads.execute(() -> step(job));
        } catch (RejectedExecutionException e) {
            job.failed(new IOException("the node stops", e));
        }
    }

    private void step(Job job) {
        boolean isWhole;
        try {
            isWhole = job.step(rate);
        } catch (IOException e) {
            job.failed(e);
            return;
        } catch (RuntimeException | Error e) {
            LOG.error("a copy could not be made; please report this", e);
            job.failed(new IOException("a copy could not be made; please report this: " + e, e));
            return;
        }
        if (isWhole) {
            job.done();
        } else {
            add(job);
        }
    }
}
