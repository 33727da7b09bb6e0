package io.qedstore.log;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventBody;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.ProgressStore;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerListener;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.owner.OwnershipException;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.PlanSink;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.alloc.Plan;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.model.Operation;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An image whose every plan goes through its log before it comes into its file: the owner's path at its simplest, one event at
 * a time.
 */
public final class LoggedImage implements PlanSink, AutoCloseable {
    /** Longer writes become several events. */
    private static final int MAX_WRITE_BYTES = 512 << 10;

    private final TestDisk disk;
    private final TestBacking backing;
    private final ImageFile file;
    private final LogOwner owner;
    private final Runnable wait;
    private final Object lock = new Object();
    private @Nullable QedImage image;
    private boolean owned;
    private long applied;
    private @Nullable IOException failure;

    /** @param wait called again and again while something is waited for: lets the log go on, or time */
    public LoggedImage(
            TestDisk disk,
            TestBacking backing,
            ImageFile file,
            EventLog log,
            FoldState from,
            ProgressStore progress,
            Executor executor,
            Runnable wait)
            throws IOException {
        this.disk = disk;
        this.backing = backing;
        this.file = file;
        this.wait = wait;
        FoldedFile folded = new FoldedFile(file, progress, from, from, 1 << 20, executor, new FoldedFile.Listener() {
            @Override
            public void applied(Sequence upTo) {
                synchronized (lock) {
                    applied = upTo.value();
                }
            }

            @Override
            public void failed(IOException cause) {
                fail(cause);
            }
        });
        OwnerSettings settings =
                new OwnerSettings(new NodeId("writer"), Duration.ofMinutes(10), Duration.ofMillis(100));
        this.owner = new LogOwner(
                settings, log, FoldTip.stored(from, from), clock(), UUID.randomUUID(), folded, new OwnerListener() {
                    @Override
                    public void owned(FoldState state) {
                        synchronized (lock) {
                            owned = true;
                        }
                    }

                    @Override
                    public void waiting(LogException cause) {}

                    @Override
                    public void ended(OwnershipException cause) {
                        fail(cause);
                    }
                });
        owner.take(LogOwner.Takeover.IF_FREE);
        await(() -> owned);
        append(EventBody.first(
                DigestAlgorithm.XXH3_128, List.of(), disk.newImage().changes(HeaderLayout.FINAL)));
        open();
    }

    /** Where an image's fold begins. */
    public static FoldState start(EventLog log) {
        return FoldState.start(ImageId.of(1, 2), LineageId.of(3, 4), log.topicId());
    }

    private static OwnerClock clock() {
        return new OwnerClock() {
            @Override
            public long wallMicros() {
                return Instant.now().toEpochMilli() * 1000;
            }

            @Override
            public long monotonicNanos() {
                return System.nanoTime();
            }
        };
    }

    private void open() throws IOException {
        HeaderReader start = HeaderReader.read(file, HeaderLayout.FINAL);
        image = QedImage.open("logged.qed", file, start.header(), backing.image(), disk.l2CacheBytes());
    }

    public QedImage image() {
        QedImage opened = image;
        if (opened == null) {
            throw new IllegalStateException("not open");
        }
        return opened;
    }

    public void perform(Operation operation) throws IOException {
        if (operation instanceof Operation.Write write) {
            write(write);
        } else if (operation instanceof Operation.WriteZeroes zeroes) {
            image().writeZeroes(zeroes.guestOffset(), zeroes.lengthBytes(), this);
        } else if (operation instanceof Operation.Discard discard) {
            image().discard(discard.guestOffset(), discard.lengthBytes(), this);
        } else if (operation instanceof Operation.Resize resize) {
            image().resize(resize.newSizeBytes(), this);
        } else if (operation instanceof Operation.ClearNeedCheck) {
            image().clearNeedCheck(this);
        } else if (operation instanceof Operation.Reopen) {
            image().clearNeedCheck(this);
            open();
        }
    }

    private void write(Operation.Write write) throws IOException {
        java.nio.ByteBuffer data = write.data();
        long step = Math.max(MAX_WRITE_BYTES, disk.clusterSize());
        for (long at = write.guestOffset(); data.hasRemaining(); ) {
            int length = (int) Math.min(data.remaining(), step - at % step);
            image().write(at, data.slice(data.position(), length), this);
            data.position(data.position() + length);
            at += length;
        }
    }

    @Override
    public void planned(Plan plan) throws IOException {
        append(EventBody.of(List.of(), plan.changes()));
    }

    /** Appends an event, and waits until it is in the file. */
    private void append(EventBody body) throws IOException {
        Sequence sequence = owner.append(body, new Acknowledgement() {
            @Override
            public void acknowledged(FoldState after) {}

            @Override
            public void failed(OwnershipException cause) {
                fail(cause);
            }
        });
        await(() -> applied >= sequence.value());
    }

    private void fail(IOException cause) {
        synchronized (lock) {
            failure = cause;
        }
    }

    private interface Condition {
        boolean holds();
    }

    private void await(Condition condition) throws IOException {
        while (true) {
            synchronized (lock) {
                if (failure != null) {
                    throw new IOException("the image cannot be written", failure);
                }
                if (condition.holds()) {
                    return;
                }
            }
            wait.run();
        }
    }

    public List<QedChange> creation() throws IOException {
        return disk.newImage().changes(HeaderLayout.FINAL);
    }

    /** Where the log is. */
    public FoldState state() {
        return owner.state();
    }

    @Override
    public void close() throws IOException {
        owner.giveUp("the test is over");
    }
}
