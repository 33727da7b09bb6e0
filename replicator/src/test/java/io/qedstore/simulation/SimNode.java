package io.qedstore.simulation;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventBody;
import io.qedstore.event.NodeId;
import io.qedstore.event.Operation;
import io.qedstore.event.Sequence;
import io.qedstore.fold.BuggyFold;
import io.qedstore.fold.BuggyFoldedFile;
import io.qedstore.fold.FoldSink;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.LogFollower;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.BuggyOwner;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerListener;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.owner.OwnershipException;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.file.PowerCutImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node with one copy of the image: follows its log, or owns it; crashes, stands still, and comes back. It is long because all
 * that happens to a node happens here.
 */
final class SimNode {
    private static final Duration[] LEASES = {Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(5)};

    private final Simulation simulation;
    private final SimScheduler scheduler;
    private final int number;
    private final Duration lease;
    private final Bug bug;
    private final SimProgress progress;
    private final EventLog log;

    private PowerCutImageFile disk = new PowerCutImageFile(new MemoryImageFile());
    private boolean up;
    private int generation;
    private long pausedUntil;
    private long wallJumpMicros;

    private FoldState ceilingAtOpen;
    private FoldedFile file;
    private @Nullable LogFollower follower;
    private @Nullable LogOwner owner;
    private boolean owns;

    /** Up to where this life has followed the log, and when it had; -1 for nowhere yet. */
    private long readTo = -1;

    private long readAtNanos;
    private int outstanding;

    SimNode(Simulation simulation, SimScheduler scheduler, SimTopic topic, int number, Bug bug) {
        this.simulation = simulation;
        this.scheduler = scheduler;
        this.number = number;
        this.lease = LEASES[scheduler.random.nextInt(LEASES.length)];
        this.bug = bug;
        this.progress = new SimProgress(this, bug);
        this.log = topic.seenBy(this);
        start();
    }

    // ---- time on this node

    /** Runs something here, unless the node has crashed by then; while it stands still, it waits. */
    void later(long micros, Runnable action) {
        later(generation, micros, action);
    }

    /** @param life the node's, when it asked for this */
    void later(int life, long micros, Runnable action) {
        scheduler.after(micros, () -> run(life, action));
    }

    int life() {
        return generation;
    }

    private void run(int mine, Runnable action) {
        if (mine != generation) {
            return;
        }
        if (scheduler.nowMicros() < pausedUntil) {
            scheduler.after(pausedUntil - scheduler.nowMicros() + scheduler.upTo(10), () -> run(mine, action));
            return;
        }
        action.run();
    }

    private final OwnerClock clock = new OwnerClock() {
        @Override
        public long wallMicros() {
            return scheduler.nowMicros() + wallJumpMicros;
        }

        @Override
        public long monotonicNanos() {
            return scheduler.nowMicros() * 1000;
        }
    };

    // ---- life

    private void start() {
        up = true;
        FoldState synced = progress.synced(simulation.image()).orElse(simulation.start());
        ceilingAtOpen = progress.ceiling(simulation.image()).orElse(synced);
        file = open(synced, ceilingAtOpen);
        follow(FoldTip.stored(synced, ceilingAtOpen));
        tick();
    }

    private BuggyFoldedFile open(FoldState synced, FoldState ceiling) {
        try {
            return new BuggyFoldedFile(
                    new SimDisk(disk, scheduler, simulation),
                    progress,
                    synced,
                    ceiling,
                    2000,
                    task -> later(scheduler.upTo(500), task),
                    new FoldedFile.Listener() {
                        @Override
                        public void applied(Sequence upTo) {
                            onApplied(upTo);
                        }

                        @Override
                        public void failed(IOException cause) {
                            later(0, () -> fileFailed(cause));
                        }
                    },
                    bug);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void tick() {
        later(100_000, () -> {
            LogOwner owning = owner;
            if (owning != null) {
                owning.tick();
            }
            LogFollower following = follower;
            if (following != null) {
                following.tick();
                following.resume();
            }
            if (scheduler.chance(0.1)) {
                file.sync();
            }
            tick();
        });
    }

    private void follow(FoldTip from) {
        LogFollower following = new LogFollower(log, new BuggyFold(from, bug), sink(), new LogFollower.Listener() {
            @Override
            public boolean hasRoom() {
                return !scheduler.chance(0.05);
            }

            @Override
            public void caughtUp(FoldState state) {
                simulation.checkState(state, SimNode.this);
                long next = state.position().nextOffset();
                if (next != readTo) {
                    readTo = next;
                    readAtNanos = clock.monotonicNanos();
                }
            }

            @Override
            public void failed(IOException cause) {
                later(0, () -> setAside(cause));
            }
        });
        follower = following;
        readTo = -1;
        following.resume();
    }

    private FoldSink sink() {
        FoldedFile into = file;
        return (event, after) -> {
            simulation.checkState(after, this);
            into.folded(event, after);
        };
    }

    /** Kills the process; perhaps the machine loses power too. */
    void crash() {
        if (up) {
            crash(0.7);
        }
    }

    private void crash(double powerCut) {
        up = false;
        owns = false;
        generation++;
        owner = null;
        follower = null;
        outstanding = 0;
        pausedUntil = 0;
        if (scheduler.chance(powerCut)) {
            disk = disk.powerCut(scheduler.random);
        }
    }

    void comeBack() {
        if (!up) {
            start();
        }
    }

    void pause(long micros) {
        pausedUntil = Math.max(pausedUntil, scheduler.nowMicros() + micros);
    }

    void wakeUp() {
        pausedUntil = 0;
    }

    void jumpClock(long micros) {
        wallJumpMicros += micros;
    }

    /** A disk that has failed cannot be trusted with what it did not sync: begins again from the stored place. */
    private void fileFailed(IOException cause) {
        if (cause instanceof LogException) {
            setAside(cause);
            return;
        }
        simulation.diskFailed(this);
        crash(1);
        start();
    }

    /** What the file or the log has become is of no use: makes a new copy, if the log may have lost something. */
    private void setAside(IOException cause) {
        simulation.named(cause, this);
        crash(0);
        disk = new PowerCutImageFile(new MemoryImageFile());
        progress.forget(simulation.image());
        start();
    }

    // ---- owning

    void take(LogOwner.Takeover how) {
        LogFollower following = follower;
        if (!up || following == null) {
            return;
        }
        following.stop();
        follower = null;
        LogOwner[] mine = new LogOwner[1];
        int live = generation;
        LogOwner taking = new BuggyOwner(
                new OwnerSettings(new NodeId("n" + number), lease, Duration.ofMillis(300)),
                log,
                new BuggyFold(following.tip(), bug),
                clock,
                new UUID(scheduler.random.nextLong(), scheduler.random.nextLong()),
                sink(),
                new OwnerListener() {
                    @Override
                    public void owned(FoldState state) {
                        simulation.checkState(state, SimNode.this);
                        owns = true;
                    }

                    @Override
                    public boolean hasRoom() {
                        return !scheduler.chance(0.05);
                    }

                    @Override
                    public void waiting(LogException cause) {}

                    @Override
                    public void ended(OwnershipException cause) {
                        owns = false;
                        later(0, () -> afterOwning(mine[0], cause));
                    }
                },
                bug);
        mine[0] = taking;
        owner = taking;
        if (live == generation) {
            taking.setAttached(scheduler.chance(0.7));
            if (taking.tip().state().position().nextOffset() == readTo) {
                taking.takeFollowed(how, readAtNanos);
            } else {
                taking.take(how);
            }
        }
    }

    private void afterOwning(LogOwner ended, OwnershipException cause) {
        if (owner == ended) {
            owner = null;
            if (cause instanceof OwnershipException.LogLost) {
                setAside(cause);
            } else {
                follow(ended.tip());
            }
        }
    }

    void release() {
        LogOwner owning = owner;
        if (up && owns && owning != null) {
            try {
                owning.release(new Acknowledgement() {
                    @Override
                    public void acknowledged(FoldState after) {
                        simulation.checkState(after, SimNode.this);
                    }

                    @Override
                    public void failed(OwnershipException cause) {}
                });
            } catch (OwnershipException e) {
                // it ended by itself
            }
        }
    }

    /** A client writes, if this node lets it. */
    void write(int events) {
        LogOwner owning = owner;
        for (int i = 0; i < events && up && owns && owning != null && outstanding < 16 && !isPaused(); i++) {
            try {
                write(owning);
            } catch (OwnershipException e) {
                return;
            }
        }
    }

    private void write(LogOwner owning) throws OwnershipException {
        long stamp = scheduler.random.nextLong();
        boolean flushed = scheduler.chance(0.2);
        EventBody body = flushed ? body(owning, stamp).withFlushBefore() : body(owning, stamp);
        owning.append(body, new Acknowledgement() {
            @Override
            public void acknowledged(FoldState after) {
                outstanding--;
                simulation.acknowledged(stamp, after, SimNode.this);
                if (flushed) {
                    simulation.flushed(after.sequence().value() - 1);
                }
            }

            @Override
            public void failed(OwnershipException cause) {
                outstanding--;
            }
        });
        outstanding++;
    }

    private EventBody body(LogOwner owning, long stamp) {
        List<QedChange> changes = new ArrayList<>();
        byte[] data = new byte[16 + scheduler.random.nextInt(1200)];
        scheduler.random.nextBytes(data);
        ByteBuffer.wrap(data).putLong(data.length - 8, stamp);
        changes.add(new QedChange.DataWritten(scheduler.random.nextInt(6000), ByteBuffer.wrap(data)));
        if (scheduler.chance(0.3)) {
            changes.add(new QedChange.RangeZeroed(scheduler.random.nextInt(6000), scheduler.random.nextInt(3000)));
        }
        List<Operation> operations = List.of(new Operation(Operation.Kind.WRITE, 0, data.length));
        boolean first = owning.state().sequence().value() == 0 && outstanding == 0;
        DigestAlgorithm algorithm = simulation.algorithm();
        return first ? EventBody.first(algorithm, operations, changes) : EventBody.of(operations, changes);
    }

    // ---- what is checked

    private void onApplied(Sequence upTo) {
        long ceiling = progress.ceiling(simulation.image())
                .map(state -> state.sequence().value())
                .orElse(0L);
        simulation.require(upTo.value() <= ceiling, () -> "applied " + upTo + " above the ceiling " + ceiling, this);
        if (upTo.compareTo(ceilingAtOpen.sequence()) >= 0) {
            simulation.checkContent(disk.contents(), upTo.value(), this);
        }
    }

    /** A position was stored: what a power cut leaves must come right by applying what is behind it again. */
    void onSynced(FoldState state) {
        simulation.checkState(state, this);
        if (scheduler.chance(0.3)) {
            long ceiling = progress.ceiling(simulation.image())
                    .map(at -> at.sequence().value())
                    .orElse(0L);
            simulation.checkRedo(
                    disk.powerCut(scheduler.random).contents(), state.sequence().value(), ceiling, this);
        }
    }

    boolean diskFails() {
        return simulation.diskFails();
    }

    boolean flipsCoin() {
        return scheduler.chance(0.5);
    }

    boolean isUp() {
        return up;
    }

    boolean isPaused() {
        return scheduler.nowMicros() < pausedUntil;
    }

    boolean owns() {
        return owns && up;
    }

    boolean mayAnswer() {
        LogOwner owning = owner;
        return up && owns && !isPaused() && owning != null && owning.holdsLease();
    }

    int outstanding() {
        return outstanding;
    }

    MemoryImageFile contents() {
        return disk.contents();
    }

    FoldState applied() {
        return file.applied();
    }

    @Override
    public String toString() {
        LogFollower following = follower;
        LogOwner owning = owner;
        return "node " + number
                + (following != null
                        ? " following " + following.status()
                        : owning != null ? " owner " + owning.state() : "");
    }
}
