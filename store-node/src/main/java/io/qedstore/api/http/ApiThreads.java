package io.qedstore.api.http;

import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The threads of requests. Nothing interrupts them: when the server closes, Jetty would interrupt those that take too long, and an
 * interrupt closes the file that its thread happens to read.
 */
final class ApiThreads extends QueuedThreadPool {
    private static final int LEAST = 8;

    ApiThreads(int most) {
        super(most, Math.min(LEAST, most));
    }

    @Override
    public Thread newThread(Runnable task) {
        Thread thread = new Thread(task) {
            @Override
            public void interrupt() {
                // see above; idle threads are woken by what is put into their queue
            }
        };
        thread.setName(getName() + "-" + thread.getId());
        thread.setDaemon(true); // one that never ends does not keep the process
        return thread;
    }
}
