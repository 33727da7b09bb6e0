package io.qedstore.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Copies that are made at the same time, by jobs that only take time. */
class SeedQueueTest {
    private static final int PART_BYTES = 1000;

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> turns = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> whole = new HashMap<>();
    private final Map<String, String> failures = new HashMap<>();
    private long nanos;

    /** A clock that goes on by 10 ms whenever it is looked at. */
    private long look() {
        nanos += TimeUnit.MILLISECONDS.toNanos(10);
        return nanos;
    }

    /** So many parts; the last may fail. */
    private final class Copy implements SeedQueue.Job {
        private final String name;
        private final int parts;
        private final boolean fails;
        private int done;

        Copy(String name, int parts, boolean fails) {
            this.name = name;
            this.parts = parts;
            this.fails = fails;
        }

        @Override
        public boolean step(ByteRate rate) throws IOException {
            turns.add(name);
            rate.take(PART_BYTES, () -> {});
            done++;
            if (fails && done == parts) {
                throw new IOException("nobody has more");
            }
            return done == parts;
        }

        @Override
        public String state() {
            return name;
        }

        @Override
        public void cancel() {}

        @Override
        public void done() {
            whole.put(name, turns.size());
        }

        @Override
        public void failed(IOException cause) {
            failures.put(name, String.valueOf(cause.getMessage()));
        }
    }

    private Copy copy(String name, int parts) {
        return new Copy(name, parts, false);
    }

    private void run() {
        for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
            next.run();
        }
    }

    /** Deliberate bug: a copy has its thread until it is whole. */
    @Test
    void aSmallCopyBehindHugeOnesDoesNotWaitForTheirEnd() {
        SeedQueue queue = new SeedQueue(tasks::add, new ByteRate(0, this::look));
        queue.add(copy("huge", 1000));
        queue.add(copy("large", 1000));
        queue.add(copy("small", 2));
        run();
        assertThat(whole.get("small")).isLessThanOrEqualTo(6); // two turns of each
        assertThat(whole).containsOnlyKeys("huge", "large", "small");
    }

    @Test
    void allCopiesGoOnAndNoneIsAheadOfAnotherByMoreThanAPart() {
        SeedQueue queue = new SeedQueue(tasks::add, new ByteRate(0, this::look));
        List<String> names = List.of("a", "b", "c", "d", "e");
        names.forEach(name -> queue.add(copy(name, 40)));
        run();
        for (int seen = 1; seen <= turns.size(); seen++) {
            List<String> until = turns.subList(0, seen);
            List<Integer> counts = names.stream()
                    .map(name -> Collections.frequency(until, name))
                    .toList();
            assertThat(Collections.max(counts) - Collections.min(counts))
                    .as("%s", counts)
                    .isLessThanOrEqualTo(1);
        }
    }

    /** Deliberate bug: each copy has a rate of its own. */
    @Test
    void allTogetherTakeTheTimeThatTheRateGivesThem() {
        SeedQueue queue = new SeedQueue(tasks::add, new ByteRate(100 * PART_BYTES, this::look));
        long before = nanos;
        for (String name : List.of("a", "b", "c")) {
            queue.add(copy(name, 100));
        }
        run();
        assertThat(whole).hasSize(3);
        assertThat(nanos - before).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(2900));
    }

    @Test
    void oneThatFailsKeepsNoOtherFromItsEnd() {
        SeedQueue queue = new SeedQueue(tasks::add, new ByteRate(0, this::look));
        queue.add(new Copy("broken", 3, true));
        queue.add(copy("sound", 10));
        run();
        assertThat(failures).containsExactly(Map.entry("broken", "nobody has more"));
        assertThat(whole).containsOnlyKeys("sound");
    }
}
