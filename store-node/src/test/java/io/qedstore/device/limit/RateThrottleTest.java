package io.qedstore.device.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RateThrottleTest {
    private static final double NANOS_IN_SECOND = 1e9;

    /** What is forgiven: a billionth of a token for each request, as numbers are rounded. */
    private static final double ROUNDING = 1e-3;

    private final ManualTime time = new ManualTime();
    private final RateThrottle throttle = new RateThrottle(time, time::nanoTime);
    private final List<String> begun = new ArrayList<>();

    private static DeviceLimits requests(long perSecond, long burst) {
        return new DeviceLimits(Optional.of(new Rate(perSecond, burst)), Optional.empty());
    }

    private static DeviceLimits bytes(long perSecond, long burst) {
        return new DeviceLimits(Optional.empty(), Optional.of(new Rate(perSecond, burst)));
    }

    private Runnable begin(String name, long lengthBytes) {
        Runnable turn = () -> begun.add(name);
        throttle.begin(lengthBytes, turn);
        return turn;
    }

    @Test
    void whereNothingIsLimitedNobodyWaitsAndNoTimerRuns() {
        for (int i = 0; i < 1000; i++) {
            assertThat(throttle.tryBegin(1L << 40)).isTrue();
        }
        begin("a", 1L << 40);
        assertThat(begun).containsExactly("a");
        assertThat(time.scheduled()).isZero();
    }

    @Test
    void aBurstGoesAtOnceAndTheRestAtTheRate() {
        throttle.limits(requests(10, 5));
        for (int i = 0; i < 5; i++) {
            assertThat(throttle.tryBegin(4096)).isTrue();
        }
        assertThat(throttle.tryBegin(4096)).isFalse();
        begin("a", 4096);
        begin("b", 4096);
        time.pass(99, TimeUnit.MILLISECONDS);
        assertThat(begun).isEmpty();
        time.pass(2, TimeUnit.MILLISECONDS);
        assertThat(begun).containsExactly("a");
        time.pass(100, TimeUnit.MILLISECONDS);
        assertThat(begun).containsExactly("a", "b");
    }

    @Test
    void bothLimitsCountForEachRequest() {
        throttle.limits(new DeviceLimits(Optional.of(new Rate(10, 10)), Optional.of(new Rate(1000, 1000))));
        assertThat(throttle.tryBegin(900)).isTrue();
        assertThat(throttle.tryBegin(200)).as("bytes").isFalse();
        for (int i = 0; i < 9; i++) {
            assertThat(throttle.tryBegin(1)).isTrue();
        }
        assertThat(throttle.tryBegin(1)).as("requests").isFalse();
    }

    /** Turns red when a small request passes by a large one that waits. */
    @Test
    void nobodyIsOvertaken() {
        throttle.limits(bytes(1000, 1000));
        assertThat(throttle.tryBegin(500)).isTrue();
        begin("large", 1000);
        assertThat(throttle.tryBegin(1)).as("behind one that waits").isFalse();
        begin("small", 1);
        time.pass(499, TimeUnit.MILLISECONDS);
        assertThat(begun).isEmpty();
        time.pass(1, TimeUnit.SECONDS);
        assertThat(begun).containsExactly("large", "small");
    }

    @Test
    void oneThatIsLargerThanTheBurstTakesAllOfItAndThoseBehindWaitForTheRest() {
        throttle.limits(bytes(1000, 1000));
        assertThat(throttle.tryBegin(5000)).isTrue();
        begin("next", 1);
        time.pass(3999, TimeUnit.MILLISECONDS);
        assertThat(begun).isEmpty();
        time.pass(2, TimeUnit.MILLISECONDS);
        assertThat(begun).containsExactly("next");
        assertThat(throttle.tryBegin(5000)).as("before the burst is whole").isFalse();
    }

    /** Turns red when one that has withdrawn is counted, or those behind it wait for its time. */
    @Test
    void oneThatWithdrawsIsNotCountedAndKeepsNobodyWaiting() {
        throttle.limits(bytes(1000, 1000));
        assertThat(throttle.tryBegin(1000)).isTrue();
        Runnable large = begin("large", 1000);
        begin("small", 10);
        time.pass(20, TimeUnit.MILLISECONDS);
        throttle.withdraw(large);
        assertThat(begun).containsExactly("small");
        throttle.withdraw(large);
        assertThat(throttle.tryBegin(10)).isTrue();
        assertThat(throttle.tryBegin(1)).isFalse();
    }

    @Test
    void otherLimitsCountForThoseThatWaitToo() {
        throttle.limits(requests(1, 1));
        assertThat(throttle.tryBegin(1)).isTrue();
        begin("a", 1);
        begin("b", 1);
        throttle.limits(requests(1000, 1000));
        assertThat(begun).as("what was done just before still counts").isEmpty();
        time.pass(1, TimeUnit.MILLISECONDS);
        assertThat(begun).containsExactly("a");
        throttle.limits(DeviceLimits.NONE);
        assertThat(begun).containsExactly("a", "b");
        assertThat(throttle.tryBegin(1)).isTrue();
        throttle.limits(requests(1, 1));
        assertThat(throttle.tryBegin(1)).isTrue();
        assertThat(throttle.tryBegin(1)).isFalse();
    }

    @Test
    void afterTheEndNobodyWaitsWhateverTheLimits() {
        throttle.limits(requests(1, 1));
        assertThat(throttle.tryBegin(1)).isTrue();
        begin("a", 1);
        begin("b", 1);
        throttle.end();
        assertThat(begun).containsExactly("a", "b");
        throttle.limits(requests(1, 1));
        assertThat(throttle.tryBegin(1)).isTrue();
        assertThat(throttle.tryBegin(1)).isTrue();
    }

    /** Turns red when a timer that was shut down leaves those that wait for ever. */
    @Test
    void withoutATimerNobodyIsHeldBack() {
        throttle.limits(requests(1, 1));
        assertThat(throttle.tryBegin(1)).isTrue();
        time.shutdown();
        begin("a", 1);
        begin("b", 1);
        assertThat(begun).containsExactly("a", "b");
    }

    @Test
    void burstsAreWhatASecondAllowsAndAtLeastALargestRequest() {
        DeviceLimits limits = DeviceLimits.of(OptionalLong.of(50), OptionalLong.of(1 << 20));
        assertThat(limits)
                .isEqualTo(new DeviceLimits(
                        Optional.of(new Rate(50, 50)),
                        Optional.of(new Rate(1 << 20, DeviceLimits.LARGEST_REQUEST_BYTES))));
        assertThat(DeviceLimits.of(OptionalLong.empty(), OptionalLong.of(1L << 30)))
                .isEqualTo(bytes(1L << 30, 1L << 30));
        assertThat(DeviceLimits.of(OptionalLong.empty(), OptionalLong.empty())).isEqualTo(DeviceLimits.NONE);
        assertThatThrownBy(() -> new Rate(0, 1)).hasMessageContaining("0 in a second");
    }

    // ---- at random

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    private record Begun(int number, long atNanos, long lengthBytes) {}

    /** Turns red when a burst is refilled too fast, or something is let in without being counted. */
    @ParameterizedTest
    @MethodSource("seeds")
    void inAnyTimeNoMoreBeginsThanTheRateAndABurstAllowAndAllInTheirOrder(long seed) {
        Random random = new Random(seed);
        Rate requests = new Rate(1 + random.nextInt(5000), 1 + random.nextInt(200));
        Rate bytes = new Rate(1 + random.nextInt(100_000_000), (1 << 20) + random.nextInt(1 << 20));
        throttle.limits(new DeviceLimits(Optional.of(requests), Optional.of(bytes)));
        long start = time.nanoTime();
        List<Begun> all = new ArrayList<>();
        List<Runnable> turns = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int number = i;
            long length = 1L + random.nextInt(random.nextBoolean() ? 4096 : 1 << 20);
            if (random.nextInt(3) == 0 && throttle.tryBegin(length)) {
                all.add(new Begun(number, time.nanoTime() - start, length));
            } else {
                Runnable turn = () -> all.add(new Begun(number, time.nanoTime() - start, length));
                turns.add(turn);
                throttle.begin(length, turn);
            }
            if (random.nextInt(10) == 0 && !turns.isEmpty()) {
                throttle.withdraw(turns.get(random.nextInt(turns.size())));
            }
            if (random.nextInt(3) == 0) {
                time.pass(random.nextInt(20_000), TimeUnit.MICROSECONDS);
            }
        }
        int idle = 0;
        while (time.untilNext() >= 0) {
            time.pass(time.untilNext(), TimeUnit.NANOSECONDS);
            idle++;
        }
        assertThat(idle).as("wake-ups for what was left").isLessThan(1000);
        assertThat(all).extracting(Begun::number).isSorted();
        for (int from = 0; from < all.size(); from++) {
            long count = 0;
            long sum = 0;
            for (Begun last : all.subList(from, all.size())) {
                count++;
                sum += last.lengthBytes();
                double seconds = (last.atNanos() - all.get(from).atNanos()) / NANOS_IN_SECOND;
                requireWithin(requests, count, seconds, seed);
                requireWithin(bytes, sum, seconds, seed);
            }
        }
    }

    private static void requireWithin(Rate rate, long amount, double seconds, long seed) {
        if (amount > rate.perSecond() * seconds + rate.burst() + ROUNDING) {
            throw new AssertionError(amount + " in " + seconds + " s with " + rate + ", seed " + seed);
        }
    }

    /** Turns red when time is lost between one turn and the next. */
    @ParameterizedTest
    @MethodSource("seeds")
    void thoseThatWaitBeginAsSoonAsTheyMay(long seed) {
        Random random = new Random(seed);
        Rate rate = new Rate(1 + random.nextInt(1_000_000), 1 << 20);
        throttle.limits(new DeviceLimits(Optional.empty(), Optional.of(rate)));
        long start = time.nanoTime();
        long sum = 0;
        for (int i = 0; i < 100; i++) {
            long length = 1L + random.nextInt(1 << 20);
            sum += length;
            begin("request", length);
        }
        while (time.untilNext() >= 0) {
            time.pass(time.untilNext(), TimeUnit.NANOSECONDS);
        }
        assertThat(begun).hasSize(100);
        double expected = Math.max(0, sum - rate.burst()) / (double) rate.perSecond();
        assertThat((time.nanoTime() - start) / NANOS_IN_SECOND)
                .as("seed %s", seed)
                .isBetween(expected - 1e-6, expected + 1e-3);
    }
}
