package io.qedstore.fold;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.Epoch;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.NodeId;
import io.qedstore.event.Records;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a file that follows does when something is not as it should be. */
class FoldedFileTest {
    private static final TopicId TOPIC = new TopicId(new UUID(1, 1));
    private static final FoldState START = FoldState.start(Records.IMAGE, Records.LINEAGE, TOPIC);

    private final MemoryImageFile disk = new MemoryImageFile();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<IOException> failures = new ArrayList<>();
    private final InMemoryProgress progress = new InMemoryProgress();

    private final FoldedFile.Listener listener = new FoldedFile.Listener() {
        @Override
        public void applied(Sequence upTo) {}

        @Override
        public void failed(IOException cause) {
            failures.add(cause);
        }
    };

    private FoldedFile file(FoldState synced, FoldState ceiling, Executor executor) {
        return file(disk, synced, ceiling, executor, listener);
    }

    private FoldedFile file(
            ImageFile on, FoldState synced, FoldState ceiling, Executor executor, FoldedFile.Listener told) {
        try {
            return new FoldedFile(on, progress, synced, ceiling, 1 << 20, executor, told);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** One with a bug in it. */
    private static ImageFile brokenFile() {
        return (ImageFile) Proxy.newProxyInstance(
                ImageFile.class.getClassLoader(), new Class<?>[] {ImageFile.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("a bug");
                });
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private static Event event(long sequence) {
        return Records.event(1, sequence, Digest.NONE, Records.data(100 * sequence, "event " + sequence));
    }

    private static FoldState after(long sequence, long digest) {
        return new FoldState(
                Records.IMAGE,
                Records.LINEAGE,
                TOPIC,
                new LogPosition(sequence + 1, OptionalInt.of(0)),
                new Sequence(sequence),
                new Digest(digest, sequence),
                sequence,
                new Ownership(
                        new Epoch(1),
                        EpochStatus.OPEN,
                        Optional.of(new NodeId("node-1")),
                        new UUID(1, 1),
                        Duration.ofSeconds(30),
                        Duration.ZERO),
                sequence,
                Optional.of(DigestAlgorithm.XXH3_128));
    }

    private static Event saying(long sequence, ContentDigest content) {
        Event plain = event(sequence);
        return new Event(
                plain.head(),
                plain.sequence(),
                plain.previous(),
                plain.timeMicros(),
                plain.body().withContentDigest(content));
    }

    private static ContentDigest wrong(ContentDigest content) {
        return new ContentDigest(content.sequence(), content.fileLengthBytes(), new Digest(1, 2));
    }

    /** Deliberate bug: what the log says of the file is not looked at. */
    @Test
    void whatTheLogSaysOfTheFileIsComparedAndADifferenceEndsIt() {
        FoldedFile file = file(START, START, tasks::add);
        file.folded(event(1), after(1, 0));
        runTasks();
        ContentDigest first = file.contentRecord().last().orElseThrow();
        file.folded(event(2), after(2, 0));
        file.folded(saying(3, first), after(3, 0));
        runTasks();
        assertThat(failures).isEmpty();
        assertThat(file.contentRecord().verified()).contains(first);

        ContentDigest last = file.contentRecord().last().orElseThrow();
        assertThat(last.sequence()).isEqualTo(new Sequence(3));
        file.folded(saying(4, wrong(last)), after(4, 0));
        runTasks();
        assertThat(failures).singleElement().isInstanceOf(ContentDivergedException.class);
        assertThat(failures.get(0)).hasMessageContaining("diverged at event 3: content digest");
        assertThat(file.holds()).isEqualTo(3);
    }

    /** Deliberate bug: a file that is not whole is compared. */
    @Test
    void inTheMiddleOfRedoNothingIsCompared() {
        FoldedFile file = file(START, after(3, 7), tasks::add);
        file.folded(event(1), after(1, 0));
        runTasks();
        assertThat(file.contentRecord().last()).isEmpty();
        file.folded(saying(2, new ContentDigest(new Sequence(1), 1, new Digest(1, 2))), after(2, 0));
        file.folded(event(3), after(3, 7));
        runTasks();
        assertThat(failures).isEmpty();
        ContentDigest whole = file.contentRecord().last().orElseThrow();
        assertThat(whole.sequence()).isEqualTo(new Sequence(3));
        file.folded(saying(4, wrong(whole)), after(4, 8));
        runTasks();
        assertThat(failures).singleElement().isInstanceOf(ContentDivergedException.class);
    }

    /** Deliberate bug: the sums that are stored are not those of the place. */
    @Test
    void theNextStartKnowsWhatTheFileContains() {
        FoldedFile before = file(START, START, tasks::add);
        before.folded(event(1), after(1, 0));
        before.folded(event(2), after(2, 0));
        before.sync();
        runTasks();
        before.folded(event(3), after(3, 7));
        runTasks();
        ContentDigest whole = before.contentRecord().last().orElseThrow();
        FoldState synced = progress.synced(Records.IMAGE).orElseThrow();
        assertThat(synced).isEqualTo(after(2, 0));
        FoldedFile next = file(synced, after(3, 7), tasks::add);
        next.folded(event(3), after(3, 7));
        runTasks();
        assertThat(next.contentRecord().last()).contains(whole);
    }

    @Test
    void anEventThatIsLeftOutEndsIt() {
        FoldedFile file = file(START, START, tasks::add);
        file.folded(event(1), after(1, 0));
        file.folded(event(3), after(3, 0));
        runTasks();
        assertThat(failures)
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("event 3 came behind event 1");
    }

    @Test
    void whatTheLogHasInTheCeilingsPlaceMustBeWhatWasThere() {
        FoldedFile file = file(START, after(2, 7), tasks::add);
        file.folded(event(1), after(1, 0));
        assertThat(failures).isEmpty();
        file.folded(event(2), after(2, 8));
        assertThat(failures).singleElement().isInstanceOf(LogException.Truncated.class);
    }

    @Test
    void upToTheCeilingItIsAppliedAgainWithoutStoringAnything() {
        progress.raiseCeiling(after(9, 9), new ProgressStore.Stored() {
            @Override
            public void stored() {}

            @Override
            public void failed(IOException cause) {}
        });
        FoldedFile file = file(START, after(2, 7), tasks::add);
        file.folded(event(1), after(1, 0));
        file.folded(event(2), after(2, 7));
        runTasks();
        assertThat(file.applied().sequence()).isEqualTo(new Sequence(2));
        assertThat(progress.ceiling(Records.IMAGE)).contains(after(9, 9));
        file.folded(event(3), after(3, 7));
        assertThat(progress.ceiling(Records.IMAGE)).contains(after(3, 7));
    }

    @Test
    void aMistakeInApplyingIsReportedOnceAndEndsIt() {
        // Deliberate bug: only the disk's own errors are.
        FoldedFile file = file(brokenFile(), START, START, tasks::add, listener);
        file.folded(event(1), after(1, 0));
        runTasks();
        file.folded(event(2), after(2, 0));
        runTasks();
        assertThat(failures).hasSize(1);
        assertThat(file.applied()).isEqualTo(START);
        assertThat(file.waitingBytes()).isZero();
    }

    // Deliberate bug: files of one executor wait for each other, or one file's events for nobody.
    @Test
    void filesAreWrittenAtOnceAndEachInOrder() throws Exception {
        CyclicBarrier meet = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<MemoryImageFile> disks = List.of(new MemoryImageFile(), new MemoryImageFile());
            List<Future<?>> handed = new ArrayList<>();
            CountDownLatch done = new CountDownLatch(disks.size());
            for (MemoryImageFile one : disks) {
                FoldedFile file = new FoldedFile(
                        meetingAt(meet, one),
                        new InMemoryProgress(),
                        START,
                        START,
                        1 << 20,
                        threads,
                        new FoldedFile.Listener() {
                            @Override
                            public void applied(Sequence upTo) {
                                if (upTo.value() == 200) {
                                    done.countDown();
                                }
                            }

                            @Override
                            public void failed(IOException cause) {
                                failures.add(cause);
                            }
                        });
                handed.add(threads.submit(() -> {
                    for (long sequence = 1; sequence <= 200; sequence++) {
                        file.folded(overwriting(sequence), after(sequence, 0));
                    }
                }));
            }
            for (Future<?> each : handed) {
                each.get(60, TimeUnit.SECONDS);
            }
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(failures).isEmpty();
            ByteBuffer last = ByteBuffer.allocate(Long.BYTES);
            for (MemoryImageFile disk : disks) {
                disk.read(0, last.clear());
                assertThat(last.flip().getLong()).isEqualTo(200);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** All events write the same place, so that only the right order gives the right bytes. */
    private static Event overwriting(long sequence) {
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES).putLong(0, sequence);
        return Records.event(1, sequence, Digest.NONE, new QedChange.DataWritten(0, number));
    }

    /** A file whose first write waits for another file's. */
    private static ImageFile meetingAt(CyclicBarrier meet, MemoryImageFile disk) {
        AtomicBoolean met = new AtomicBoolean();
        return (ImageFile) Proxy.newProxyInstance(
                ImageFile.class.getClassLoader(), new Class<?>[] {ImageFile.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("write") && met.compareAndSet(false, true)) {
                        meet.await(60, TimeUnit.SECONDS);
                    }
                    return method.invoke(disk, arguments);
                });
    }

    @Test
    void anExecutorThatTakesNothingMoreIsReported() {
        FoldedFile file = file(START, START, task -> {
            throw new RejectedExecutionException("shut down");
        });
        file.folded(event(1), after(1, 0));
        assertThat(failures)
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo("nobody applies events any more");
    }

    @Test
    void whoeverHearsOfAFailureMayTakeLocksUnderWhichEventsComeIn() throws InterruptedException {
        // Deliberate bug: the listener is called while the file is locked.
        Object owners = new Object();
        FoldedFile[] file = new FoldedFile[1];
        Thread[] other = new Thread[1];
        FoldedFile.Listener takesTheLock = new FoldedFile.Listener() {
            @Override
            public void applied(Sequence upTo) {}

            @Override
            public void failed(IOException cause) {
                other[0] = new Thread(() -> {
                    synchronized (owners) {
                        file[0].folded(event(2), after(2, 0));
                    }
                });
                other[0].start();
                try {
                    other[0].join(30_000);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                failures.add(cause);
            }
        };
        file[0] = file(brokenFile(), START, START, tasks::add, takesTheLock);
        file[0].folded(event(1), after(1, 0));
        runTasks();
        assertThat(failures).hasSize(1);
        assertThat(other[0].isAlive())
                .as("the other still waits for the file's lock")
                .isFalse();
    }
}
