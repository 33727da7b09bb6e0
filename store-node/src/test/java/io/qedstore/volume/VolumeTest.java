package io.qedstore.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Durability;
import io.qedstore.device.Patience;
import io.qedstore.event.EventCodec;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.LogRecord;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldSink;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.LogFollower;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.model.DiskModel;
import io.qedstore.qed.model.Operation;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.Seeds;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import io.qedstore.volume.VolumeRig.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** An image in front of its log: what is answered when, what is seen, and what comes of it. */
class VolumeTest {
    private static final int SIZE = 16 << 20;

    private static VolumeRig rig(CacheMode cache) throws IOException {
        return rig(cache, 64 << 20);
    }

    private static VolumeRig rig(CacheMode cache, long maxPendingBytes) throws IOException {
        NewImage created = new NewImage(new ImageGeometry(65536, 4), SIZE);
        VolumeRig rig = new VolumeRig(created, null, cache, maxPendingBytes);
        rig.log.hold(true);
        return rig;
    }

    private static ByteBuffer bytes(int length, int value) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        for (int i = 0; i < length; i++) {
            bytes.put(i, (byte) (value * 31 + i * 7));
        }
        return bytes;
    }

    private static Outcome write(VolumeRig rig, long guestOffset, int value) {
        return rig.write(guestOffset, bytes(4096, value), Durability.ON_FLUSH, Patience.NOW);
    }

    /** What the log's events say of flushes: by sequence. */
    private static List<Long> flushMarks(VolumeRig rig) throws IOException {
        List<Long> marks = new ArrayList<>();
        for (byte[] record : rig.log.inner.records()) {
            if (EventCodec.decode(ByteBuffer.wrap(record)) instanceof LogRecord.Event event
                    && event.body().flushBefore()) {
                marks.add(event.sequence().value());
            }
        }
        return marks;
    }

    /** Deliberate bug: a write is answered when it is planned. */
    @Test
    void aWriteIsAnsweredWhenTheLogHasIt() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH);
        Outcome write = write(rig, 8192, 1);
        assertThat(write.isThere()).isFalse();
        assertThat(rig.read(8192, 4096)).isEqualTo(bytes(4096, 1).array());
        rig.log.take();
        assertThat(write.succeeded).isTrue();
        assertThat(rig.file.length()).as("the file is behind").isEqualTo(5 * 65536);
        rig.settle();
        assertThat(rig.kept).hasValue(0);
        assertThat(rig.read(8192, 4096)).isEqualTo(bytes(4096, 1).array());
    }

    /** Deliberate bug: writeback from the first write on. */
    @Test
    void withWritebackAWriteIsAnsweredAtOnceOnceAClientHasFlushed() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITEBACK);
        Outcome first = write(rig, 0, 1);
        assertThat(first.isThere()).isFalse();
        Outcome flush = new Outcome();
        rig.volume().flush(flush);
        Outcome second = write(rig, 4096, 2);
        Outcome forced = rig.write(8192, bytes(512, 3), Durability.ON_COMPLETION, Patience.NOW);
        assertThat(second.succeeded).isTrue();
        assertThat(flush.isThere()).isFalse();
        assertThat(forced.isThere()).isFalse();
        rig.log.take();
        assertThat(first.succeeded).isTrue();
        assertThat(flush.succeeded).isTrue();
        rig.log.takeAll();
        assertThat(forced.succeeded).isTrue();
        rig.settle();
        assertThat(rig.kept).hasValue(0);
    }

    /** Deliberate bug: a snapshot, or a request that is made durable, makes writes that no client flushes be answered at once. */
    @Test
    void withWritebackOnlyAClientsFlushSaysThatItWillFlush() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITEBACK);
        write(rig, 0, 1);
        Outcome sync = new Outcome();
        rig.volume().sync(sync);
        Outcome write = write(rig, 4096, 2);
        assertThat(sync.isThere()).isFalse();
        assertThat(write.isThere()).isFalse();
        rig.settle();
        assertThat(sync.succeeded).isTrue();
        assertThat(write.succeeded).isTrue();
    }

    /** Deliberate bug: of two that are under way at once, the later one may make the image smaller. */
    @Test
    void anImageDoesNotShrink() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH, 1);
        rig.log.hold(true);
        write(rig, 0, 1);
        long size = rig.volume().sizeBytes();
        Outcome larger = new Outcome();
        Outcome smaller = new Outcome();
        rig.volume().resize(size + (2 << 20), larger);
        rig.volume().resize(size + (1 << 20), smaller);
        assertThat(rig.volume().sizeBytes()).as("both wait").isEqualTo(size);
        rig.settle();
        assertThat(larger.succeeded).isTrue();
        assertThat(smaller.failure).hasMessageContaining("does not shrink");
        assertThat(rig.volume().sizeBytes()).isEqualTo(size + (2 << 20));
    }

    /** Deliberate bugs: an event goes out with the first write, or only when all before are acknowledged. */
    @Test
    void writesThatQueueUpShareAnEventOnceItHoldsAsManyAsAreUnderWay() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH);
        List<Outcome> writes = new ArrayList<>();
        List<Integer> eventsUnderWay = new ArrayList<>();
        rig.log.hold(true);
        for (int i = 0; i < 64; i++) {
            writes.add(write(rig, 4096L * i, i));
            eventsUnderWay.add(rig.log.held());
        }
        assertThat(eventsUnderWay.subList(0, 9)).containsExactly(1, 2, 2, 3, 3, 3, 3, 4, 4);
        assertThat(eventsUnderWay.get(63)).isEqualTo(7);
        rig.settle();
        assertThat(writes).allMatch(outcome -> outcome.succeeded);
        for (int i = 0; i < 64; i++) {
            assertThat(rig.read(4096L * i, 4096)).isEqualTo(bytes(4096, i).array());
        }
    }

    /** Deliberate bugs: each write goes out at once; a full event waits for more. */
    @Test
    void writesThatComeTogetherShareAnEventAndFullOnesDoNotWaitForTheRest() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH);
        List<Outcome> writes = new ArrayList<>();
        for (int i = 0; i < 40; i++) { // what has a cluster need not wait
            writes.add(write(rig, 4096L * i, 0));
        }
        rig.settle();
        rig.log.hold(true);
        rig.plug(true);
        for (int i = 0; i < 31; i++) {
            writes.add(write(rig, 4096L * i, i));
        }
        assertThat(rig.log.held()).isZero();
        for (int i = 31; i < 40; i++) {
            writes.add(write(rig, 4096L * i, i));
        }
        assertThat(rig.log.held()).isEqualTo(1);
        rig.plug(false);
        rig.settle();
        assertThat(writes).allMatch(outcome -> outcome.succeeded);
    }

    /** Deliberate bugs: what gathers is not waited for; writes still come in behind it. */
    @Test
    void aVolumeLeavesWhenTheLogHasAllThatItTook() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH);
        rig.log.hold(true);
        List<Outcome> writes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            writes.add(write(rig, 4096L * i, i));
        }
        assertThat(rig.log.held()).isEqualTo(3); // the fourth event gathers
        Outcome left = new Outcome();
        rig.volume().leave(left);
        Outcome late = write(rig, 0, 9);
        assertThat(late.failure).hasMessageContaining("being released");
        assertThat(left.succeeded).isFalse();
        rig.settle();
        assertThat(left.succeeded).isTrue();
        assertThat(writes).allMatch(outcome -> outcome.succeeded);
        assertThat(rig.read(4096L * 5, 4096)).isEqualTo(bytes(4096, 5).array());
    }

    /** Turns red where it is waited for an event that is in the file, and forgotten, before its acknowledgement is told. */
    @Test
    void aVolumeLeavesAlsoWhenTheFileIsFasterThanTheNews() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH);
        rig.log.hold(true);
        write(rig, 0, 1);
        Outcome left = new Outcome();
        rig.volume().leave(left);
        rig.appliesAtOnce = true;
        rig.settle();
        assertThat(left.succeeded).isTrue();
    }

    /** Deliberate bugs: the mark stands on the event before the flush; a client that only flushes fills the log. */
    @Test
    void flushesAreMarkedOnTheNextEvent() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH);
        rig.log.hold(false);
        write(rig, 0, 1); // event 2
        rig.volume().flush(new Outcome());
        write(rig, 4096, 2); // event 3
        assertThat(flushMarks(rig)).containsExactly(3L);
        rig.volume().flush(new Outcome());
        rig.volume().tick();
        rig.volume().tick();
        assertThat(flushMarks(rig)).containsExactly(3L, 4L);
        for (int i = 0; i < 4; i++) {
            rig.volume().flush(new Outcome());
            rig.volume().tick();
        }
        assertThat(flushMarks(rig)).containsExactly(3L, 4L);
    }

    /** Deliberate bug: pending bytes have no bound, or whoever waits is forgotten. */
    @Test
    void changesWaitWhileTooMuchIsPending() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITEBACK, 64 << 10);
        rig.volume().flush(new Outcome());
        List<Outcome> writes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            writes.add(write(rig, 4096L * i, i));
        }
        assertThat(writes.stream().filter(Outcome::isThere).count()).isBetween(10L, 20L);
        rig.settle();
        assertThat(writes).allMatch(outcome -> outcome.succeeded);
        assertThat(rig.kept).hasValue(0);
        for (int i = 0; i < 100; i++) {
            assertThat(rig.read(4096L * i, 4096)).isEqualTo(bytes(4096, i).array());
        }
    }

    /** Deliberate bug: a change that comes while the volume is held is answered, or one that was held is forgotten. */
    @Test
    void changesThatComeWhileItIsHeldWaitAndReadsDoNot() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITEBACK);
        rig.volume().flush(new Outcome());
        Outcome before = write(rig, 0, 1);
        rig.volume().hold();
        List<Outcome> held = new ArrayList<>();
        held.add(write(rig, 0, 2));
        held.add(new Outcome());
        rig.volume().writeZeroes(8192, 4096, Set.of(), Durability.ON_FLUSH, held.get(1));
        held.add(new Outcome());
        rig.volume().trim(65536, 65536, Durability.ON_FLUSH, held.get(2));
        Outcome synced = new Outcome();
        rig.volume().sync(synced);
        rig.settle();
        assertThat(before.succeeded).isTrue();
        assertThat(synced.succeeded).isTrue();
        assertThat(held).noneMatch(Outcome::isThere);
        assertThat(rig.read(0, 4096)).isEqualTo(bytes(4096, 1).array());
        rig.volume().letGo();
        rig.settle();
        assertThat(held).allMatch(outcome -> outcome.succeeded);
        assertThat(rig.read(0, 4096)).isEqualTo(bytes(4096, 2).array());
        assertThat(rig.kept).hasValue(0);
    }

    /** Deliberate bug: reads are told without a lease. */
    @Test
    void withoutALeaseWhatWasReadWaitsForARecord() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH);
        assertThat(rig.volume().isCurrent()).isTrue();
        rig.pass(Duration.ofSeconds(31));
        assertThat(rig.volume().isCurrent()).isFalse();
        Outcome one = new Outcome();
        Outcome two = new Outcome();
        Outcome three = new Outcome();
        rig.volume().whenCurrent(one);
        rig.volume().whenCurrent(two);
        rig.volume().whenCurrent(three);
        assertThat(one.isThere()).isFalse();
        rig.log.takeAll();
        assertThat(List.of(one, two, three)).allMatch(outcome -> outcome.succeeded);
        assertThat(rig.volume().isCurrent()).isTrue();
    }

    /** Deliberate bug: requests of an image that was lost hang. */
    @Test
    void whenTheImageIsLostEverythingFails() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH, 64 << 10);
        List<Outcome> writes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            writes.add(write(rig, 4096L * i, i));
        }
        Outcome flush = new Outcome();
        rig.volume().flush(flush);
        rig.log.take();
        rig.pass(Duration.ofSeconds(31));
        Outcome read = new Outcome();
        rig.volume().whenCurrent(read);
        rig.owner.giveUp("enough");
        rig.workAll();
        assertThat(writes.get(0).succeeded).isTrue();
        assertThat(writes.subList(1, 40)).allMatch(outcome -> outcome.failure != null);
        assertThat(flush.failure).isInstanceOfSatisfying(BlockDeviceException.class, e -> assertThat(e.error())
                .isEqualTo(DeviceError.SHUTTING_DOWN));
        assertThat(read.failure).hasMessageContaining("enough");
        Outcome late = write(rig, 0, 9);
        assertThat(late.failure).isNotNull();
        rig.applyAll();
        assertThat(rig.kept).hasValue(0);
        assertThat(rig.file.length()).as("what was acknowledged is in the file").isEqualTo(10 * 65536L);
    }

    @Test
    void anImageThatNobodyHasAllocatedInIsMarkedClean() throws IOException {
        VolumeRig rig = rig(CacheMode.WRITETHROUGH);
        rig.log.hold(false);
        write(rig, 0, 1);
        rig.applyAll();
        assertThat(needsCheck(rig)).isTrue();
        for (int i = 0; i < 6; i++) {
            rig.volume().tick();
        }
        rig.applyAll();
        assertThat(needsCheck(rig)).isFalse();
        write(rig, 1 << 20, 1);
        rig.applyAll();
        assertThat(needsCheck(rig)).isTrue();
    }

    private static boolean needsCheck(VolumeRig rig) {
        ByteBuffer features = ByteBuffer.allocate(1);
        rig.file.read(16, features);
        return (features.get(0) & 2) != 0;
    }

    /** Deliberate bugs: those above, and what else there is: see what a follower makes of the log. */
    @Test
    void whatAGuestSeesAndWhatFollowersHaveIsTheModels() {
        Seeds.forEach(300, seed -> {
            Random random = new Random(seed);
            TestDisk disk = TestDisk.random(random);
            TestBacking backing = disk.newBacking(random);
            CacheMode cache = random.nextBoolean() ? CacheMode.WRITEBACK : CacheMode.WRITETHROUGH;
            VolumeRig rig = new VolumeRig(disk.newImage(), backing.image(), cache, 1L << (12 + random.nextInt(10)));
            DiskModel model = new DiskModel(disk, backing);
            RandomOperations operations = new RandomOperations(random, disk, backing);
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < 14; i++) {
                Operation operation = operations.next(model.sizeBytes());
                perform(rig, operation, random, outcomes);
                model.apply(operation);
                rig.log.hold(random.nextBoolean());
                if (rig.log.held() > 0 && random.nextBoolean()) {
                    rig.log.take();
                }
                if (random.nextBoolean()) {
                    rig.applyOne();
                }
                rig.workAll();
                if (outcomes.stream().allMatch(Outcome::isThere) || random.nextInt(3) == 0) {
                    if (!outcomes.stream().allMatch(Outcome::isThere)) {
                        rig.settle(); // some may wait for room, and are not to be seen
                    }
                    model.assertMatches(rig.seen());
                }
            }
            rig.settle();
            rig.volume().markClean();
            rig.settle();
            assertThat(outcomes).allMatch(outcome -> outcome.succeeded);
            assertThat(rig.kept).hasValue(0);
            model.assertMatches(rig.seen());
            MemoryImageFile copy = follow(rig);
            assertThat(copy.length()).isEqualTo(rig.file.length());
            assertThat(copy.firstDifference(rig.file)).isEmpty();
        });
    }

    private static void perform(VolumeRig rig, Operation operation, Random random, List<Outcome> outcomes)
            throws IOException {
        Durability durability = random.nextInt(4) == 0 ? Durability.ON_COMPLETION : Durability.ON_FLUSH;
        Outcome outcome = new Outcome();
        if (operation instanceof Operation.Write write) {
            Patience patience = random.nextBoolean() ? Patience.NOW : Patience.WAIT;
            outcomes.add(rig.write(write.guestOffset(), write.data(), durability, patience));
            return;
        } else if (operation instanceof Operation.WriteZeroes zeroes) {
            rig.volume().writeZeroes(zeroes.guestOffset(), zeroes.lengthBytes(), Set.of(), durability, outcome);
        } else if (operation instanceof Operation.Discard discard) {
            rig.volume().trim(discard.guestOffset(), discard.lengthBytes(), durability, outcome);
        } else if (operation instanceof Operation.Resize resize) {
            rig.settle(); // later requests rely on it
            rig.volume().resize(resize.newSizeBytes(), outcome);
            rig.settle();
        } else if (operation instanceof Operation.Flush) {
            rig.volume().flush(outcome);
        } else {
            rig.volume().markClean();
            return;
        }
        outcomes.add(outcome);
    }

    /** What somebody makes of the log who only follows it. */
    private static MemoryImageFile follow(VolumeRig rig) throws IOException {
        MemoryImageFile copy = new MemoryImageFile();
        FoldSink sink = (event, after) -> {
            try {
                for (QedChange change : event.body().changes()) {
                    change.applyTo(copy);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        LogFollower follower = new LogFollower(rig.log, new Fold(rig.start), sink, new LogFollower.Listener() {
            @Override
            public void caughtUp(FoldState state) {}

            @Override
            public void failed(IOException cause) {
                throw new AssertionError(cause);
            }
        });
        follower.resume();
        while (follower.status().state().position().nextOffset()
                < rig.log.inner.records().size()) {
            rig.log.inner.answerReads();
        }
        follower.stop();
        return copy;
    }
}
