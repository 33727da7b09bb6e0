package io.qedstore.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.Durability;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.Outcome;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.event.ImageSettings.CacheMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Writers stamp pages and look after each answer whether the disk has it, while the image moves: in order, by the loss of its place,
 * or away from one that has fallen silent. Some of what a place has not answered has happened there, and some has not. With writeback
 * each place gives the image up in order before it does any of that.
 */
class RoutedDeviceSimulationTest {
    private static final int PAGE = 4096;
    private static final int WRITERS = 4;
    private static final int PAGES = 8; // of each writer
    private static final int MOVES = 200 * Integer.getInteger("qedstore.seeds.times", 1);

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final MemoryBlockDevice disk = new MemoryBlockDevice((long) WRITERS * PAGES * PAGE);
    private final ExecutorService workers = Executors.newFixedThreadPool(4);
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final List<IOException> ended = new CopyOnWriteArrayList<>();
    private final Cluster cluster = new Cluster();
    private final RoutedDevice device = new RoutedDevice(
            new RoutedDevice.Image("disk", "0", disk::sizeBytes, PAGE),
            cluster,
            workers,
            timer,
            System::nanoTime,
            RouteSettings.DEFAULT,
            ended::add);
    private final AtomicLong answers = new AtomicLong();
    private volatile boolean done;
    private boolean isWritethrough;

    @AfterEach
    void close() {
        workers.shutdown();
        timer.shutdown();
    }

    /** One node at a time has the image; the others turn whoever comes away. */
    private final class Cluster implements Guide {
        private ScriptedPlace owner = new ScriptedPlace("0", disk, true);

        synchronized ScriptedPlace owner() {
            return owner;
        }

        synchronized void own(ScriptedPlace next) {
            owner = next;
        }

        @Override
        public CompletableFuture<Target> seek(String place, String client, boolean goesOn) {
            ScriptedPlace now = owner();
            return now.place().equals(place)
                    ? CompletableFuture.completedFuture(now)
                    : CompletableFuture.failedFuture(new IOException("node " + place + " does not own it"));
        }

        @Override
        public String describe(String place) {
            return "node " + place;
        }
    }

    /** Turns red where a request of before takes effect behind a later answer, is lost, or is answered twice. */
    @ParameterizedTest
    @EnumSource(CacheMode.class)
    void whatWasAnsweredIsThereHoweverTheImageMoves(CacheMode cache) throws Exception {
        System.out.println("seed " + seed + ", " + cache);
        isWritethrough = cache == CacheMode.WRITETHROUGH;
        cluster.own(new ScriptedPlace("0", disk, isWritethrough));
        device.use("client");
        List<CompletableFuture<Long>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            int number = i;
            writers.add(CompletableFuture.supplyAsync(() -> write(number), task -> new Thread(task).start()));
        }
        Random random = new Random(seed);
        for (int move = 1; move <= MOVES; move++) {
            move(random, move);
            // with writeback each place is used: it takes more answers than may be on their way from the one before
            awaitAnswers(random.nextInt(8) + (isWritethrough ? 0 : WRITERS + 1));
        }
        done = true;
        long writes = 0;
        for (CompletableFuture<Long> writer : writers) {
            writes += writer.get();
        }
        assertThat(ended).isEmpty();
        assertThat(writes).isPositive();
    }

    private void awaitAnswers(int more) {
        long wanted = answers.get() + more;
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (answers.get() < wanted) {
            assertThat(ended).isEmpty();
            assertThat(System.nanoTime() - deadline)
                    .as("time for " + more + " answers, seed " + seed)
                    .isNegative();
            Thread.onSpinWait();
        }
    }

    private void move(Random random, int move) {
        ScriptedPlace before = cluster.owner();
        int salt = random.nextInt();
        int kind = random.nextInt(3);
        before.keep();
        if (kind == 0) {
            before.letGo(i -> ((salt >> (i % 31)) & 1) == 0);
        } else if (kind == 1) {
            before.vanish(i -> ((salt >> (i % 31)) & 1) == 0);
        } // else it is silent, and what it has not answered happens or not when it is cut
        ScriptedPlace next = new ScriptedPlace(Integer.toString(move), disk, isWritethrough).after(before);
        cluster.own(next);
        device.placedAt(next.place());
    }

    /** @return how many writes were answered */
    private long write(int number) {
        Random random = new Random(seed + number);
        long writes = 0;
        try {
            while (!done) {
                long offset = (long) (number * PAGES + random.nextInt(PAGES)) * PAGE;
                byte[] bytes = new byte[PAGE];
                ByteBuffer.wrap(bytes).putLong(++writes).putLong(number);
                Outcome outcome = new Outcome();
                device.write(offset, Payload.of(ByteBuffer.wrap(bytes)), Durability.ON_FLUSH, Patience.WAIT, outcome);
                outcome.requireSuccess();
                answers.incrementAndGet();
                assertThat(disk.content(offset, PAGE))
                        .as("write " + writes + " of writer " + number + ", seed " + seed)
                        .isEqualTo(bytes);
            }
        } catch (IOException e) {
            throw new AssertionError("write " + writes + " of writer " + number + ", seed " + seed, e);
        }
        return writes;
    }
}
