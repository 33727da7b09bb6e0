package io.qedstore.index.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.content.BlockSums;
import io.qedstore.digest.Digest;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.ProgressStore.Stored;
import io.qedstore.index.IndexException;
import io.qedstore.index.TestCatalog;
import io.qedstore.index.TestLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How far files are: on disk when it is said to be, in the order of the calls, many with one sync. */
class RocksDbProgressTest {
    private static final BlockSums.Change NOTHING = new BlockSums.Change(new TreeMap<>(), Digest.NONE, 0);

    private final Path folder;
    private RocksDbIndex index;
    private RocksDbProgress progress;

    RocksDbProgressTest(@TempDir Path temp) throws IOException {
        folder = temp.resolve("index");
        index = RocksDbIndex.open(folder);
        progress = RocksDbProgress.open(index);
    }

    private void reopen() throws IOException {
        progress.close();
        index.close();
        index = RocksDbIndex.open(folder);
        progress = RocksDbProgress.open(index);
    }

    @AfterEach
    void close() {
        progress.close();
        index.close();
    }

    private static final class Waiting implements Stored {
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        @Override
        public void stored() {
            done.complete(null);
        }

        @Override
        public void failed(IOException cause) {
            done.completeExceptionally(cause);
        }

        void await() throws Exception {
            done.get(60, TimeUnit.SECONDS);
        }
    }

    private long batches() throws IOException {
        return index.statistics().getOrDefault("synced_batches", -1L);
    }

    @Test
    void whatWasStoredIsFoundAgainAndTheLastCounts() throws Exception {
        TestLog log = TestLog.of(1, 3);
        Waiting last = new Waiting();
        progress.raiseCeiling(log.at(2), new Waiting());
        progress.storeSynced(log.at(1), NOTHING, new Waiting());
        progress.raiseCeiling(log.at(3), last);
        last.await();
        reopen();
        assertThat(progress.synced(TestCatalog.image(1))).contains(log.at(1));
        assertThat(progress.ceiling(TestCatalog.image(1))).contains(log.at(3));
        assertThat(progress.ceiling(TestCatalog.image(2))).isEmpty();
    }

    /** Deliberate bugs: pages are stored without the place, or outlive the file. */
    @Test
    void whatAFileContainsIsStoredWithThePlaceAndForgottenWithIt() throws Exception {
        TestLog log = TestLog.of(1, 3);
        TestLog other = TestLog.of(2, 3);
        byte[] page = new byte[BlockSums.PAGE_BYTES];
        page[0] = 7;
        Waiting stored = new Waiting();
        progress.storeSynced(
                log.at(1),
                new BlockSums.Change(new TreeMap<>(Map.of(0L, page, 1L << 40, page)), new Digest(1, 2), 9),
                stored);
        progress.storeSynced(
                other.at(1), new BlockSums.Change(new TreeMap<>(Map.of(3L, page)), new Digest(3, 4), 5), new Waiting());
        stored.await();
        reopen();
        BlockSums sums = progress.sums(TestCatalog.image(1));
        assertThat(sums.sum()).isEqualTo(new Digest(1, 2));
        assertThat(sums.lengthBytes()).isEqualTo(9);
        assertThat(sums.get(0)).isEqualTo(Digest.read(ByteBuffer.wrap(page)));
        assertThat(sums.get(16L << 40)).isEqualTo(sums.get(0));
        assertThat(sums.get(1)).isEqualTo(Digest.NONE);
        progress.forget(TestCatalog.image(1));
        reopen();
        sums = progress.sums(TestCatalog.image(1));
        assertThat(sums.sum()).isEqualTo(Digest.NONE);
        assertThat(sums.get(0)).isEqualTo(Digest.NONE);
        assertThat(sums.get(16L << 40)).isEqualTo(Digest.NONE);
        assertThat(progress.sums(TestCatalog.image(2)).get(48)).isNotEqualTo(Digest.NONE);
    }

    @Test
    void anImageIsForgottenAloneAndForGood() throws Exception {
        TestLog log = TestLog.of(1, 3);
        TestLog other = TestLog.of(2, 3);
        progress.raiseCeiling(log.at(1), new Waiting());
        progress.storeSynced(log.at(1), NOTHING, new Waiting());
        progress.raiseCeiling(other.at(1), new Waiting());
        progress.forget(TestCatalog.image(1));
        reopen();
        assertThat(progress.synced(TestCatalog.image(1))).isEmpty();
        assertThat(progress.ceiling(TestCatalog.image(1))).isEmpty();
        assertThat(progress.ceiling(TestCatalog.image(2))).contains(other.at(1));
    }

    // Deliberate bug: a batch for each call.
    @Test
    void whatComesWhileOneIsWrittenSharesTheNextBatch() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        progress.raiseCeiling(TestLog.of(1, 1).at(1), new Stored() {
            @Override
            public void stored() {
                busy.countDown();
                awaitUninterruptibly(goOn);
            }

            @Override
            public void failed(IOException cause) {
                throw new AssertionError(cause);
            }
        });
        awaitUninterruptibly(busy);
        long before = batches();
        List<Thread> threads = new ArrayList<>();
        List<Waiting> waiting = Collections.synchronizedList(new ArrayList<>());
        for (int number = 2; number < 10; number++) {
            TestLog log = TestLog.of(number, 50);
            Thread thread = new Thread(() -> log.events().forEach(folded -> {
                Waiting stored = new Waiting();
                waiting.add(stored);
                progress.raiseCeiling(folded.after(), stored);
            }));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        goOn.countDown();
        for (Waiting stored : waiting) {
            stored.await();
        }
        assertThat(waiting).hasSize(400);
        assertThat(batches() - before).isEqualTo(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    // Deliberate bugs: a callback is called before its batch was written, or in another order than the calls.
    @Test
    void callbacksComeInTheOrderOfTheCallsAndAfterTheWrite() throws Exception {
        List<String> called = Collections.synchronizedList(new ArrayList<>());
        List<String> expected = new ArrayList<>();
        List<String> behind = Collections.synchronizedList(new ArrayList<>());
        TestLog one = TestLog.of(1, 300);
        TestLog two = TestLog.of(2, 300);
        for (int i = 1; i <= 300; i++) {
            for (FoldState state : List.of(one.at(i), two.at(i))) {
                String name = state.image() + " " + i;
                expected.add(name);
                progress.raiseCeiling(state, new Stored() {
                    @Override
                    public void stored() {
                        called.add(name);
                        try {
                            FoldState there = progress.ceiling(state.image()).orElseThrow();
                            if (there.sequence().compareTo(state.sequence()) < 0) {
                                behind.add(name);
                            }
                        } catch (IOException | RuntimeException e) {
                            behind.add(name + ": " + e);
                        }
                    }

                    @Override
                    public void failed(IOException cause) {
                        called.add(name + " failed");
                    }
                });
            }
        }
        progress.forget(TestCatalog.image(3));
        assertThat(called).isEqualTo(expected);
        assertThat(behind).isEmpty();
    }

    @Test
    void whatWaitsAtTheCloseIsWrittenAndWhatComesLaterFails() throws Exception {
        TestLog log = TestLog.of(1, 200);
        List<Waiting> waiting = new ArrayList<>();
        log.events().forEach(folded -> {
            Waiting stored = new Waiting();
            waiting.add(stored);
            progress.raiseCeiling(folded.after(), stored);
        });
        progress.close();
        for (Waiting stored : waiting) {
            stored.await();
        }
        Waiting late = new Waiting();
        progress.raiseCeiling(log.at(1), late);
        assertThat(late.done).isCompletedExceptionally();
        assertThatThrownBy(() -> progress.forget(TestCatalog.image(1)))
                .isInstanceOf(IndexException.Unavailable.class)
                .hasMessageContaining("closed");
        assertThat(progress.ceiling(TestCatalog.image(1))).contains(log.at(200));
    }

    // Deliberate bug: a callback that throws ends the thread that calls it.
    @Test
    void aCallbackThatThrowsHarmsNobodyElse() throws Exception {
        TestLog log = TestLog.of(1, 2);
        progress.raiseCeiling(log.at(1), new Stored() {
            @Override
            public void stored() {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void failed(IOException cause) {}
        });
        Waiting next = new Waiting();
        progress.raiseCeiling(log.at(2), next);
        next.await();
    }

    // Deliberate bug: an error, which is no exception, ends the thread, and what was taken with the batch is never
    // told.
    @Test
    void aCallbackThatThrowsAnErrorHarmsNobodyElse() throws Exception {
        TestLog log = TestLog.of(1, 2);
        progress.raiseCeiling(log.at(1), new Calls(() -> {
            throw new OutOfMemoryError("on purpose");
        }));
        Waiting next = new Waiting();
        progress.raiseCeiling(log.at(2), next);
        next.await();
    }

    // Deliberate bug: the thread has ended, and what it was given waits for ever.
    @Test
    void whatWaitsForAThreadThatHasEndedFailsByName() throws Exception {
        TestLog log = TestLog.of(1, 3);
        Waiting waiting = new Waiting();
        Logger logger = Logger.getLogger(RocksDbProgress.class.getName());
        Handler full = new FullDisk();
        logger.addHandler(full);
        try {
            progress.raiseCeiling(log.at(1), new Calls(() -> {
                progress.raiseCeiling(log.at(2), waiting);
                throw new OutOfMemoryError("on purpose");
            }));
            assertThatThrownBy(waiting::await)
                    .hasCauseInstanceOf(IndexException.Unavailable.class)
                    .hasMessageContaining("no space for a log line");
        } finally {
            logger.removeHandler(full);
        }
        Waiting late = new Waiting();
        progress.raiseCeiling(log.at(3), late);
        assertThatThrownBy(late::await).hasMessageContaining("no space for a log line");
        assertThatThrownBy(() -> progress.forget(TestCatalog.image(1)))
                .isInstanceOf(IndexException.Unavailable.class)
                .hasMessageContaining("start this node again");
    }

    private static final class FullDisk extends Handler {
        @Override
        public void publish(LogRecord line) {
            throw new InternalError("no space for a log line");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private record Calls(Runnable task) implements Stored {
        @Override
        public void stored() {
            task.run();
        }

        @Override
        public void failed(IOException cause) {
            throw new AssertionError(cause);
        }
    }

    // Deliberate bug: it waits for itself.
    @Test
    void whoForgetsInACallbackIsToldNotTo() throws Exception {
        CompletableFuture<Void> forgotten = new CompletableFuture<>();
        progress.raiseCeiling(TestLog.of(1, 1).at(1), new Calls(() -> {
            try {
                progress.forget(TestCatalog.image(1));
                forgotten.complete(null);
            } catch (IOException | RuntimeException e) {
                forgotten.completeExceptionally(e);
            }
        }));
        assertThatThrownBy(() -> forgotten.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining(TestCatalog.image(1).toString())
                .hasMessageContaining("another thread");
    }

    // Deliberate bugs: a lower ceiling is stored; one is found only in what was written, not in the same batch.
    @Test
    void aCeilingIsNotLowered() throws Exception {
        TestLog log = TestLog.of(1, 3);
        TestLog other = TestLog.of(2, 3);
        Waiting lowered = new Waiting();
        Waiting beside = new Waiting();
        progress.raiseCeiling(log.at(3), new Waiting());
        progress.raiseCeiling(log.at(2), lowered);
        progress.raiseCeiling(other.at(1), beside);
        assertThatThrownBy(lowered::await)
                .hasMessageContaining(TestCatalog.image(1) + " is at event 3 and cannot be lowered to 2");
        beside.await();
        reopen();
        Waiting later = new Waiting();
        progress.raiseCeiling(log.at(1), later);
        assertThatThrownBy(later::await).hasMessageContaining("cannot be lowered to 1");
        Waiting same = new Waiting();
        progress.raiseCeiling(log.at(3), same);
        same.await();
        assertThat(progress.ceiling(TestCatalog.image(1))).contains(log.at(3));
        assertThat(progress.ceiling(TestCatalog.image(2))).contains(other.at(1));
    }

    @Test
    void anotherFileOrAnotherHistoryHasALowerCeiling() throws Exception {
        TestLog log = TestLog.of(1, 3);
        Waiting high = new Waiting();
        progress.raiseCeiling(log.at(3), high);
        high.await();
        progress.forget(TestCatalog.image(1));
        Waiting ofNewFile = new Waiting();
        progress.raiseCeiling(log.at(2), ofNewFile);
        ofNewFile.await();
        FoldState start = TestLog.of(1, 1).start();
        Waiting ofNewHistory = new Waiting();
        FoldState history = FoldState.start(start.image(), TestCatalog.lineage(2), start.topicId());
        progress.raiseCeiling(history, ofNewHistory);
        ofNewHistory.await();
        assertThat(progress.ceiling(TestCatalog.image(1))).contains(history);
    }

    // Deliberate bug: a batch that could not be written is said to be stored.
    @Test
    void aFailedWriteIsToldToAllWhoWait() throws Exception {
        index.close();
        TestLog log = TestLog.of(1, 2);
        Waiting one = new Waiting();
        Waiting two = new Waiting();
        progress.raiseCeiling(log.at(1), one);
        progress.storeSynced(log.at(1), NOTHING, two);
        for (Waiting stored : List.of(one, two)) {
            assertThatThrownBy(stored::await).hasCauseInstanceOf(IndexException.Unavailable.class);
        }
    }
}
