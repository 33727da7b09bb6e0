package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventBody;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.fold.LogFollower;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerListener;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.owner.OwnershipException;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One image on one log: an owner that writes numbered events, or a follower, and the file of either. */
final class OwnerRig implements AutoCloseable {
    static final Duration LEASE = Duration.ofSeconds(3);
    private static final long DEADLINE_NANOS = TimeUnit.MINUTES.toNanos(3);
    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCKS = 64;

    final MemoryImageFile file = new MemoryImageFile();

    /** What was acknowledged: by sequence, the number that was written. */
    final Map<Long, Long> acknowledged = new ConcurrentSkipListMap<>();

    private final ExecutorService worker = Executors.newSingleThreadExecutor();
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger outstanding = new AtomicInteger();
    private final FoldedFile folded;
    private final EventLog log;
    private final FoldState start;
    private @Nullable LogOwner owner;
    private @Nullable LogFollower follower;
    private volatile boolean owns;
    private volatile @Nullable OwnershipException end;
    private volatile @Nullable IOException failure;

    OwnerRig(EventLog log, LogName name) throws IOException {
        this.log = log;
        ImageId image = name.image().orElseThrow();
        this.start = FoldState.start(image, LineageId.of(3, 4), log.topicId());
        this.folded =
                new FoldedFile(file, new InMemoryProgress(), start, start, 1 << 20, worker, new FoldedFile.Listener() {
                    @Override
                    public void applied(Sequence upTo) {}

                    @Override
                    public void failed(IOException cause) {
                        failure = cause;
                    }
                });
    }

    private static OwnerClock clock() {
        return new OwnerClock() {
            @Override
            public long wallMicros() {
                return System.currentTimeMillis() * 1000;
            }

            @Override
            public long monotonicNanos() {
                return System.nanoTime();
            }
        };
    }

    /** Takes the image; the caller waits for {@link #owns} or {@link #end}. */
    OwnerRig take(String node, LogOwner.Takeover how) {
        OwnerSettings settings = new OwnerSettings(new NodeId(node), LEASE, Duration.ofMillis(200));
        LogOwner taking = new LogOwner(
                settings, log, FoldTip.stored(start, start), clock(), UUID.randomUUID(), folded, new OwnerListener() {
                    @Override
                    public void owned(FoldState state) {
                        owns = true;
                    }

                    @Override
                    public void waiting(LogException cause) {}

                    @Override
                    public void ended(OwnershipException cause) {
                        owns = false;
                        end = cause;
                    }
                });
        owner = taking;
        taking.take(how);
        tick(taking::tick);
        return this;
    }

    OwnerRig follow() {
        LogFollower following =
                new LogFollower(log, new Fold(FoldTip.stored(start, start)), folded, new LogFollower.Listener() {
                    @Override
                    public void caughtUp(FoldState state) {}

                    @Override
                    public void failed(IOException cause) {
                        failure = cause;
                    }
                });
        follower = following;
        following.resume();
        tick(following::tick);
        return this;
    }

    private void tick(Runnable tick) {
        ScheduledFuture<?> ticking = ticker.scheduleWithFixedDelay(tick, 50, 50, TimeUnit.MILLISECONDS);
        assertThat(ticking.isDone()).isFalse();
    }

    boolean owns() {
        return owns;
    }

    boolean holdsLease() {
        LogOwner owning = owner;
        return owning != null && owning.holdsLease();
    }

    /** Why it owns the image no more. */
    @Nullable
    OwnershipException end() {
        return end;
    }

    @Nullable
    IOException failure() {
        return failure;
    }

    int outstanding() {
        return outstanding.get();
    }

    FoldState applied() {
        return folded.applied();
    }

    /** Writes a number into one of the file's blocks, many times. */
    void write(long number) throws OwnershipException {
        LogOwner owning = owner;
        if (owning == null) {
            throw new IllegalStateException("owns nothing");
        }
        ByteBuffer data = ByteBuffer.allocate(BLOCK_BYTES);
        while (data.hasRemaining()) {
            data.putLong(number);
        }
        List<QedChange> changes = List.of(new QedChange.DataWritten(number % BLOCKS * BLOCK_BYTES, data.flip()));
        EventBody body = owning.state().sequence().value() == 0 && outstanding.get() == 0
                ? EventBody.first(DigestAlgorithm.XXH3_128, List.of(), changes)
                : EventBody.of(List.of(), changes);
        outstanding.incrementAndGet();
        try {
            owning.append(body, new Acknowledgement() {
                @Override
                public void acknowledged(FoldState after) {
                    outstanding.decrementAndGet();
                    if (acknowledged.put(after.sequence().value(), number) != null) {
                        failure = new IOException("sequence " + after.sequence() + " was acknowledged twice");
                    }
                }

                @Override
                public void failed(OwnershipException cause) {
                    outstanding.decrementAndGet();
                }
            });
        } catch (OwnershipException e) {
            outstanding.decrementAndGet();
            throw e;
        }
    }

    /** Waits, for minutes if it must be. */
    static void await(String what, BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - begun)
                    .as("nanoseconds until %s", what)
                    .isLessThan(DEADLINE_NANOS);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        LogOwner owning = owner;
        if (owning != null) {
            owning.giveUp("the test is over");
        }
        LogFollower following = follower;
        if (following != null) {
            following.stop();
        }
        worker.shutdown();
    }
}
