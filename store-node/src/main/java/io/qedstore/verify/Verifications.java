package io.qedstore.verify;

import io.qedstore.event.ImageId;
import io.qedstore.hosting.ByteRate;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;

/**
 * The verifications of this node, a few at a time. Of each image the last one is kept, while it runs and after. All methods are safe
 * for many threads and do not wait.
 */
public final class Verifications {
    private static final int AT_ONCE = 4;
    private static final int MAX_KEPT = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ByteRate rate;
    private final LongSupplier nanos;
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, task -> {
        Thread thread = new Thread(task, "qedstore-verify");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean stopping;

    /** Guarded by this object's monitor, as all that follows. */
    private final Map<ImageId, CopyVerification> copies = new HashMap<>();

    private final Map<ImageId, LogVerification> logs = new HashMap<>();

    /**
     * @param bytesPerSecond of all together
     * @param nanos a clock that never goes back
     */
    public Verifications(long bytesPerSecond, LongSupplier nanos) {
        this.rate = new ByteRate(bytesPerSecond, nanos);
        this.nanos = nanos;
    }

    /** Begins to verify this node's copy, unless that is under way. */
    public synchronized void startCopy(ImageId image, CopyVerification.Opening opening) {
        CopyVerification before = copies.get(image);
        if (before == null || before.report().verdict() != Verdict.RUNNING) {
            if (copies.size() >= MAX_KEPT) {
                copies.values().removeIf(old -> old.report().verdict() != Verdict.RUNNING);
            }
            CopyVerification begun = new CopyVerification(opening, rate, this::requireGoingOn, PATIENCE, nanos);
            copies.put(image, begun);
            threads.execute(begun::run);
        }
    }

    /** Begins to verify a log, unless that is under way. */
    public synchronized void startLog(ImageId image, LogVerification.Opening opening) {
        LogVerification before = logs.get(image);
        if (before == null || before.report().verdict() != Verdict.RUNNING) {
            if (logs.size() >= MAX_KEPT) {
                logs.values().removeIf(old -> old.report().verdict() != Verdict.RUNNING);
            }
            LogVerification begun = new LogVerification(opening, rate, this::requireGoingOn);
            logs.put(image, begun);
            threads.execute(begun::run);
        }
    }

    /** The last verification of this node's copy; empty if none was asked for since the node was started. */
    public synchronized Optional<CopyReport> copy(ImageId image) {
        return Optional.ofNullable(copies.get(image)).map(CopyVerification::report);
    }

    /** The last verification of a log by this node; empty if none was asked for since it was started. */
    public synchronized Optional<LogReport> log(ImageId image) {
        return Optional.ofNullable(logs.get(image)).map(LogVerification::report);
    }

    private void requireGoingOn() throws IOException {
        if (stopping) {
            throw new InterruptedIOException("the node stops");
        }
    }

    /** What is under way is given up. */
    public void stop() {
        stopping = true;
        threads.shutdown();
    }
}
