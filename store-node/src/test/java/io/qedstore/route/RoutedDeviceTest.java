package io.qedstore.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Durability;
import io.qedstore.device.ManualTime;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.Outcome;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What becomes of requests when the place changes where an image is served. */
class RoutedDeviceTest {
    private static final int PAGE = 4096;
    private static final Duration TIMEOUT = Duration.ofSeconds(7);

    private final MemoryBlockDevice disk = new MemoryBlockDevice(1 << 20);
    private final ManualTime time = new ManualTime();
    private final Asked guide = new Asked();
    private final List<IOException> ended = new ArrayList<>();
    private final RoutedDevice device = device(RouteSettings.DEFAULT);

    private RoutedDevice device(RouteSettings settings) {
        return new RoutedDevice(
                new RoutedDevice.Image("disk", "one", () -> 1 << 20, PAGE),
                guide,
                Runnable::run,
                time,
                time::nanoTime,
                settings,
                ended::add);
    }

    /** Notes who is sought, and leaves it to the test what comes of it. */
    private static final class Asked implements Guide {
        private final List<String> places = new ArrayList<>();
        private final List<Boolean> goesOn = new ArrayList<>();
        private CompletableFuture<Target> last = new CompletableFuture<>();

        @Override
        public CompletableFuture<Target> seek(String place, String client, boolean again) {
            places.add(place);
            goesOn.add(again);
            last = new CompletableFuture<>();
            return last;
        }

        @Override
        public String describe(String place) {
            return "node " + place + " (nbd://" + place + ")";
        }
    }

    private ScriptedPlace writethrough(String name) {
        return new ScriptedPlace(name, disk, true);
    }

    private ScriptedPlace writeback(String name) {
        return new ScriptedPlace(name, disk, false);
    }

    private ScriptedPlace serving(ScriptedPlace place) {
        device.use("client");
        guide.last.complete(place);
        return place;
    }

    private Outcome write(RoutedDevice to, int page, int value) {
        byte[] bytes = new byte[PAGE];
        Arrays.fill(bytes, (byte) value);
        Outcome outcome = new Outcome();
        to.write((long) page * PAGE, Payload.of(ByteBuffer.wrap(bytes)), Durability.ON_FLUSH, Patience.WAIT, outcome);
        return outcome;
    }

    private Outcome write(int page, int value) {
        return write(device, page, value);
    }

    private void requireContent(int page, int value) {
        byte[] expected = new byte[PAGE];
        Arrays.fill(expected, (byte) value);
        assertThat(disk.content((long) page * PAGE, PAGE)).isEqualTo(expected);
    }

    @Test
    void requestsWaitForAPlaceAndAreCarriedOutThere() throws Exception {
        device.use("client");
        Outcome early = write(1, 7);
        assertThat(early.hasEnded()).isFalse();
        guide.last.complete(writethrough("one"));
        early.requireSuccess();
        requireContent(1, 7);
        assertThat(guide.places).containsExactly("one");
    }

    @Test
    void nothingIsSoughtWhereNobodyIs() {
        assertThat(guide.places).isEmpty();
        device.placedAt("two");
        assertThat(guide.places).isEmpty();
    }

    @Test
    void whatAPlaceRefusesWhileItLetsGoTheNextOneCarriesOut() throws Exception {
        ScriptedPlace one = serving(writethrough("one"));
        one.letGo(i -> false);
        Outcome held = write(1, 7);
        assertThat(held.hasEnded()).isFalse();
        device.placedAt("two");
        guide.last.complete(writethrough("two"));
        held.requireSuccess();
        requireContent(1, 7);
        assertThat(one.hasBeenLeft()).isTrue();
        assertThat(guide.places).startsWith("one").endsWith("two");
        assertThat(guide.goesOn).startsWith(false).endsWith(true);
    }

    /** Turns red where such a place is asked as fast as it can refuse. */
    @Test
    void aPlaceThatLetsInAndRefusesIsTriedAgainLessAndLessOften() {
        device.use("client");
        for (int attempt = 1; attempt <= 4; attempt++) {
            ScriptedPlace one = writethrough("one");
            one.letGo(i -> false);
            guide.last.complete(one);
            if (attempt == 1) {
                write(1, 7);
            }
            assertThat(guide.places).hasSize(attempt);
            assertThat(time.untilNext()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10L << (attempt - 1)));
            time.pass(1, TimeUnit.SECONDS);
        }
    }

    /** Turns red where the next place is asked while the one before may still answer. */
    @Test
    void aPlaceThatIsSilentIsCutBeforeTheNextOneIsAsked() throws Exception {
        ScriptedPlace one = serving(writethrough("one"));
        one.keep();
        Outcome unanswered = write(1, 7);
        device.placedAt("two");
        assertThat(one.wasCut()).as("as long as there is no other").isFalse();
        ScriptedPlace two = writethrough("two");
        guide.last.complete(two);
        assertThat(one.wasCut()).isTrue();
        unanswered.requireSuccess();
        assertThat(two.asked()).isEqualTo(1);
    }

    @Test
    void whatIsUnderWayAtAPlaceThatIsToBeLeftIsAnsweredByIt() throws Exception {
        ScriptedPlace one = serving(writethrough("one"));
        one.keep();
        Outcome first = write(1, 7);
        device.placedAt("two");
        Outcome second = write(2, 8);
        assertThat(one.kept()).isEqualTo(1);
        assertThat(second.hasEnded()).isFalse();
        ScriptedPlace two = writethrough("two");
        guide.last.complete(two);
        first.requireSuccess();
        second.requireSuccess();
        assertThat(two.asked()).isEqualTo(2);
    }

    @Test
    void withWritethroughALostPlaceCostsNothing() throws Exception {
        ScriptedPlace one = serving(writethrough("one"));
        write(1, 7).requireSuccess();
        one.vanish(i -> false);
        Outcome held = write(2, 8);
        guide.last.complete(writethrough("one"));
        held.requireSuccess();
        assertThat(ended).isEmpty();
    }

    /** Turns red where a flush is answered behind writes that may be lost. */
    @Test
    void withWritebackALostPlaceEndsWhoeverHasNotFlushed() throws Exception {
        ScriptedPlace one = serving(writeback("one"));
        write(1, 7).requireSuccess();
        one.vanish(i -> false);
        guide.last.complete(writeback("two").after(writeback("another")));
        assertThat(ended).hasSize(1);
        assertThat(ended.get(0)).hasMessageContaining("answered and not flushed may be lost");
        Outcome flush = new Outcome();
        device.flush(flush);
        assertThat(flush.failure()).isInstanceOf(BlockDeviceException.class);
    }

    @Test
    void withWritebackALostPlaceCostsNothingWhereAllWasFlushed() throws Exception {
        ScriptedPlace one = serving(writeback("one"));
        write(1, 7).requireSuccess();
        Outcome flush = new Outcome();
        device.flush(flush);
        flush.requireSuccess();
        one.vanish(i -> false);
        guide.last.complete(writeback("one"));
        write(2, 8).requireSuccess();
        assertThat(ended).isEmpty();
    }

    @Test
    void withWritebackAPlaceThatLetsGoInOrderIsAskedWhetherAllIsDurable() throws Exception {
        ScriptedPlace one = serving(writeback("one"));
        write(1, 7).requireSuccess();
        one.letGo(i -> false);
        device.placedAt("two");
        guide.last.complete(writeback("two"));
        write(2, 8).requireSuccess();
        assertThat(one.hasBeenLeft()).isTrue();
        assertThat(ended).isEmpty();
    }

    /** Turns red where the next place, which has all that was answered, is faster than the answer to the last flush. */
    @Test
    void withWritebackTheNextPlaceKnowsWhetherAllIsDurable() throws Exception {
        ScriptedPlace one = serving(writeback("one"));
        write(1, 7).requireSuccess();
        one.letGoSilently();
        device.placedAt("two");
        assertThat(one.kept()).as("the last flush is under way").isEqualTo(1);
        guide.last.complete(writeback("two").after(one));
        write(2, 8).requireSuccess();
        assertThat(ended).isEmpty();
    }

    /** Turns red where a place that gave the image up in order must still be there when it is asked. */
    @Test
    void withWritebackAPlaceThatLetsGoInOrderNeedNotBeThereAnyMore() throws Exception {
        ScriptedPlace one = serving(writeback("one"));
        write(1, 7).requireSuccess();
        one.vanish(i -> false);
        Outcome held = write(2, 8);
        assertThat(held.hasEnded()).as("as long as there is no other").isFalse();
        guide.last.complete(writeback("two").after(one));
        held.requireSuccess();
        assertThat(ended).isEmpty();
    }

    /** Turns red where a flush that was begun for a client that has gone counts for the next one. */
    @Test
    void theLastFlushOfAClientThatHasGoneIsNotTheNextOnes() throws Exception {
        ScriptedPlace one = serving(writeback("one"));
        write(1, 7).requireSuccess();
        one.letGoSilently();
        device.placedAt("two");
        device.unuse();
        one.answerKept();
        assertThat(one.hasBeenLeft()).isTrue();
        ScriptedPlace two = serving(writeback("two"));
        write(1, 7).requireSuccess();
        two.vanish(i -> false);
        guide.last.complete(writeback("two").after(writeback("another")));
        assertThat(ended).as("it has a write that was not flushed").hasSize(1);
    }

    @Test
    void aFailureOfTheDiskIsTheClients() throws Exception {
        serving(writethrough("one"));
        Outcome trim = new Outcome();
        device.trim(0, PAGE, Durability.ON_FLUSH, trim);
        assertThat(trim.failure())
                .isInstanceOf(BlockDeviceException.class)
                .extracting(failure -> ((BlockDeviceException) failure).error())
                .isEqualTo(DeviceError.NOT_SUPPORTED);
    }

    @Test
    void whoeverComesIsToldWhoDoesNotServeTheImageAndWhy() throws Exception {
        device.use("client");
        Outcome served = new Outcome();
        device.whenServed(served);
        guide.last.completeExceptionally(new IOException("it is not there"));
        time.pass(19, TimeUnit.SECONDS);
        assertThat(served.hasEnded()).isFalse();
        time.pass(2, TimeUnit.SECONDS);
        assertThat(served.failure())
                .hasMessage("image disk is owned by node one (nbd://one), which has not served it for 20 s: it is not"
                        + " there");
    }

    @Test
    void whoeverIsTurnedAwayIsToldAtOnce() throws Exception {
        device.use("client");
        Outcome served = new Outcome();
        device.whenServed(served);
        guide.last.completeExceptionally(new TurnedAwayException("held by another"));
        assertThat(served.failure()).hasMessage("held by another");
        device.unuse();
        time.pass(10, TimeUnit.SECONDS);
        assertThat(guide.places).hasSize(1);
    }

    @Test
    void whoeverHasLostItsPlaceToAnotherClientEnds() {
        ScriptedPlace one = serving(writethrough("one"));
        one.vanish(i -> false);
        for (int attempt = 1; attempt <= 10; attempt++) {
            assertThat(ended).isEmpty();
            guide.last.completeExceptionally(new TurnedAwayException("held by another"));
            time.pass(1, TimeUnit.SECONDS);
        }
        assertThat(ended).hasSize(1);
    }

    @Test
    void aPlaceThatDoesNotAnswerIsTriedAgainSoonAndThenLessOften() {
        device.use("client");
        List<Long> pauses = new ArrayList<>();
        for (int attempt = 1; attempt <= 9; attempt++) {
            guide.last.completeExceptionally(new IOException("not yet"));
            pauses.add(TimeUnit.NANOSECONDS.toMillis(time.untilNext()));
            time.pass(1, TimeUnit.SECONDS);
        }
        assertThat(pauses).containsExactly(10L, 20L, 40L, 80L, 160L, 320L, 500L, 500L, 500L);
        assertThat(guide.places).hasSize(10);
    }

    /** Turns red where a node waits for a place that is not the image's any more. */
    @Test
    void anotherPlaceIsSoughtAtOnce() {
        device.use("client");
        CompletableFuture<Target> first = guide.last;
        device.placedAt("two");
        assertThat(first).isCancelled();
        assertThat(guide.places).containsExactly("one", "two");
        guide.last.completeExceptionally(new IOException("not yet"));
        device.placedAt("three");
        assertThat(guide.places).containsExactly("one", "two", "three");
    }

    @Test
    void aRequestWaitsAsLongAsTheLogMay() throws Exception {
        RoutedDevice bounded = device(RouteSettings.DEFAULT.withTimeout(TIMEOUT));
        bounded.use("client");
        Outcome held = write(bounded, 1, 7);
        time.pass(6, TimeUnit.SECONDS);
        bounded.tick();
        assertThat(held.hasEnded()).isFalse();
        time.pass(2, TimeUnit.SECONDS);
        bounded.tick();
        assertThat(held.failure()).hasMessageContaining("node one (nbd://one)").hasMessageContaining("log.timeout");
    }

    @Test
    void aSilentPlaceIsCutWhereARequestMayNotWaitForEver() throws Exception {
        RoutedDevice bounded = device(RouteSettings.DEFAULT.withTimeout(TIMEOUT));
        bounded.use("client");
        ScriptedPlace one = writethrough("one");
        guide.last.complete(one);
        one.keep();
        Outcome unanswered = write(bounded, 1, 7);
        time.pass(8, TimeUnit.SECONDS);
        bounded.tick();
        assertThat(one.wasCut()).isTrue();
        bounded.tick();
        assertThat(unanswered.failure()).hasMessageContaining("log.timeout");
    }

    /** Turns red where what a client asked for that is gone happens behind what it asks for when it is back. */
    @Test
    void whatNobodyWaitsForIsNotBegun() {
        device.use("client");
        AtomicBoolean wanted = new AtomicBoolean(true);
        CompletableFuture<String> end = new CompletableFuture<>();
        Completion abandoned = new Completion() {
            @Override
            public void succeeded() {
                end.complete("done");
            }

            @Override
            public void failed(IOException cause) {
                end.complete("dropped");
            }

            @Override
            public boolean isWanted() {
                return wanted.get();
            }
        };
        device.flush(abandoned);
        device.tick();
        assertThat(end).isNotDone();
        wanted.set(false);
        device.tick();
        assertThat(end).isCompletedWithValue("dropped");
    }

    @Test
    void aNodeThatStopsKeepsNobodyWaiting() throws Exception {
        device.use("client");
        Outcome held = write(1, 7);
        Outcome served = new Outcome();
        device.whenServed(served);
        device.stop();
        assertThat(held.failure()).hasMessageContaining("the node stops");
        assertThat(served.failure()).hasMessageContaining("the node stops");
        assertThat(write(2, 8).failure()).hasMessageContaining("the node stops");
    }

    @Test
    void anImageThatHasGrownIsSoughtAnew() throws Exception {
        ScriptedPlace before = serving(writethrough("one").size(PAGE));
        Outcome beyond = write(1, 7);
        assertThat(before.hasBeenLeft()).isTrue();
        guide.last.complete(writethrough("one"));
        beyond.requireSuccess();
        requireContent(1, 7);
    }

    @Test
    void theLastClientLeavesAndTheNextOneIsAnother() throws Exception {
        ScriptedPlace one = serving(writeback("one"));
        write(1, 7).requireSuccess();
        device.unuse();
        assertThat(one.hasBeenLeft()).isTrue();
        assertThat(ended).as("nobody is there to miss anything").isEmpty();
        device.use("other");
        guide.last.complete(writeback("one"));
        write(1, 8).requireSuccess();
        assertThat(guide.goesOn).containsExactly(false, false);
    }
}
