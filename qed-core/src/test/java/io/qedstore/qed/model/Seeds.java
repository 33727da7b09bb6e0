package io.qedstore.qed.model;

import java.util.stream.LongStream;

/**
 * The seeds of a random test: the first so many numbers, so that a build is the same as the one before. {@code
 * -Dqedstore.seed=N} runs one of them alone, {@code -Dqedstore.seeds.times=N} N times as many.
 */
public final class Seeds {
    private Seeds() {}

    /** One run of a random test. */
    @FunctionalInterface
    public interface SeededRun {
        void run(long seed) throws Exception;
    }

    /** Runs a test with each seed; a failure says with which. */
    public static void forEach(int count, SeededRun test) {
        Long only = Long.getLong("qedstore.seed");
        LongStream seeds = only == null
                ? LongStream.range(0, (long) count * Integer.getInteger("qedstore.seeds.times", 1))
                : LongStream.of(only);
        seeds.forEach(seed -> {
            try {
                test.run(seed);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("with seed " + seed + " (-Dqedstore.seed=" + seed + "): " + e.getMessage(), e);
            }
        });
    }
}
