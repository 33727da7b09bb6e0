package io.qedstore.device.file;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets all who wait for a sync of one file share as few as possible. One sync runs at a time, on the thread of whoever asked
 * first; those who ask meanwhile are served by the next, together.
 */
final class SharedFlush {
    /** Makes everything durable that was written before the call. */
    @FunctionalInterface
    interface Sync {
        void sync() throws IOException;
    }

    private final Sync sync;

    /** Guarded by this object's monitor, as is {@link #running}. */
    private List<Completion> waiting = new ArrayList<>();

    private boolean running;

    SharedFlush(Sync sync) {
        this.sync = sync;
    }

    /** Completes after a sync that began after this call. May run syncs for others on the calling thread. */
    void flush(Completion completion) {
        synchronized (this) {
            waiting.add(completion);
            if (running) {
                return;
            }
            running = true;
        }
        for (List<Completion> served = next(); !served.isEmpty(); served = next()) {
            serve(served);
        }
    }

    private synchronized List<Completion> next() {
        List<Completion> served = waiting;
        waiting = new ArrayList<>();
        running = !served.isEmpty();
        return served;
    }

    private void serve(List<Completion> served) {
        try {
            sync.sync();
        } catch (IOException | RuntimeException e) {
            fail(served, DeviceErrors.describe(e));
            return;
        } catch (OutOfMemoryError e) {
            fail(served, new BlockDeviceException(DeviceError.NO_MEMORY, "no memory to flush with now", e));
            return;
        }
        served.forEach(Completion::succeeded);
    }

    private static void fail(List<Completion> served, IOException cause) {
        served.forEach(completion -> completion.failed(cause));
    }
}
