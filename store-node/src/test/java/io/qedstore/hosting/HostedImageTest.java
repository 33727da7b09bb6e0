package io.qedstore.hosting;

import static io.qedstore.hosting.HostingRig.ONE;
import static io.qedstore.hosting.HostingRig.TWO;
import static io.qedstore.hosting.HostingRig.ownedBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.content.BlockSums;
import io.qedstore.device.Outcome;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.fold.ProgressStore;
import io.qedstore.fold.Seed;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.index.ImageLife;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostedImageTest {
    private static final int CLUSTER = 65536;

    private final HostingRig rig;
    private HostingRig.Node one;
    private final HostingRig.Node two;

    HostedImageTest(@TempDir Path folder) throws IOException {
        rig = new HostingRig(folder);
        one = rig.new Node(ONE);
        two = rig.new Node(TWO);
    }

    private Volume owned(HostedImage image) {
        Volume volume = rig.now(image.own());
        assertThat(volume).as("%s", image.status()).isNotNull();
        return volume;
    }

    private void write(Volume volume, int value) throws IOException {
        Outcome outcome = rig.write(volume, (value % 8) * (long) CLUSTER, CLUSTER, value);
        rig.settle();
        assertThat(outcome.hasEnded()).isTrue();
        outcome.requireSuccess();
        rig.settle();
    }

    private void assertSameFiles() throws IOException {
        rig.settle();
        assertThat(Files.mismatch(one.file(), two.file())).isEqualTo(-1);
        assertThat(Files.size(one.file())).isPositive();
    }

    @Test
    void theFirstOwnerMakesTheImageAndAReplicaHasTheSameFile() throws IOException {
        HostedImage owner = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        Volume volume = owned(owner);
        write(volume, 1);
        write(volume, 2);
        assertThat(volume.sizeBytes()).isEqualTo(1 << 20);
        assertThat(owner.status().stage()).isEqualTo(Stage.OWNING);
        assertThat(replica.status().stage()).isEqualTo(Stage.FOLLOWING);
        assertThat(replica.ownedBy()).contains(ONE);
        assertSameFiles();
    }

    @Test
    void aNodeThatTheImageIsNotPlacedOnAsItsOwnerDoesNotTakeIt() {
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        assertThat(rig.failureOf(replica.own()))
                .isInstanceOf(HostingException.class)
                .hasMessageContaining("is placed on node one");
        assertThat(replica.status().stage()).isEqualTo(Stage.FOLLOWING);
    }

    @Test
    void anImageIsHandedOverAndComesBack() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage second = two.start(ownedBy(ONE, TWO));
        Volume before = owned(first);
        write(before, 1);
        for (int round = 0; round < 3; round++) {
            HostedImage from = round % 2 == 0 ? first : second;
            HostedImage to = round % 2 == 0 ? second : first;
            Stream.of(from, to)
                    .forEach(each -> each.update(ownedBy(to == second ? TWO : ONE, from == first ? ONE : TWO)));
            Volume volume = owned(to);
            write(volume, 2 + round);
            assertThat(from.status().stage()).isEqualTo(Stage.FOLLOWING);
            assertThat(from.volume()).isEmpty();
        }
        assertThat(one.ended).hasSize(2).contains(before);
        assertThat(two.ended).hasSize(1);
        assertSameFiles();
    }

    /** Deliberate bugs: it is refused as one that does not wait; it takes the image at the next tick and not at the release. */
    @Test
    void whoeverWaitsForAnImageHasItAsSoonAsItIsLetGoOf() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        Volume before = owned(first);
        write(before, 1);
        HostedImage second = two.start(ownedBy(TWO, ONE));
        CompletableFuture<Volume> waiting = second.ownOnceFree();
        rig.seconds(3, second);
        assertThat(waiting).isNotDone();
        assertThat(rig.failureOf(second.own())).hasMessageContaining("node one owns the image");
        assertThat(waiting).as("behind somebody who does not wait").isNotDone();
        first.update(ownedBy(TWO, ONE));
        rig.settle();
        assertThat(waiting).isCompleted();
        write(waiting.join(), 2);
        assertThat(second.wasHandedOverWithin(Duration.ofSeconds(1))).isTrue();
        assertSameFiles();
    }

    @Test
    void whoeverDoesNotWaitAnyMoreGetsNothing() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        write(owned(first), 1);
        HostedImage second = two.start(ownedBy(TWO, ONE));
        CompletableFuture<Volume> waiting = second.ownOnceFree();
        rig.settle();
        waiting.cancel(false);
        first.update(ownedBy(TWO, ONE));
        rig.seconds(3, second);
        assertThat(second.volume()).isEmpty();
    }

    /** Deliberate bug: a flush behind a release fails, and whoever carries unflushed writes over has to end. */
    @Test
    void anImageThatWasLetGoOfInOrderStillSaysThatAllIsDurable() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        Volume before = owned(first);
        write(before, 1);
        first.update(ownedBy(TWO, ONE));
        rig.settle();
        assertThat(first.volume()).isEmpty();
        Outcome flushed = new Outcome();
        before.flush(flushed);
        flushed.requireSuccess();
        Outcome late = rig.write(before, 0, CLUSTER, 9);
        assertThat(late.failure()).isInstanceOf(IOException.class);
    }

    private void requireLeaseIsWaitedFor(HostedImage by, CompletableFuture<Volume> taken) {
        rig.settle();
        assertThat(taken).as("before the lease is over").isNotDone();
        rig.seconds(34, by);
        assertThat(taken).isCompleted();
    }

    @Test
    void anOwnerIsNotDrivenOutUnlessByForceAndThatOneWaitsForItsLease() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        Volume volume = owned(first);
        write(volume, 1);
        HostedImage second = two.start(ownedBy(TWO, ONE));
        assertThat(rig.failureOf(second.own())).hasMessageContaining("node one owns the image");

        CompletableFuture<Volume> taken = second.ownByForce(Optional.empty()).toCompletableFuture();
        requireLeaseIsWaitedFor(second, taken);
        write(taken.join(), 2);

        Outcome late = rig.write(volume, 0, CLUSTER, 9);
        rig.settle();
        assertThat(late.failure()).hasMessageContaining("node two");
        assertThat(one.ended).containsExactly(volume);
        assertSameFiles();
    }

    @Test
    void nobodyWaitsForTheLeaseOfANodeThatIsKnownToBeDead() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        Volume volume = owned(first);
        write(volume, 1);
        HostedImage second = two.start(ownedBy(TWO, ONE));
        write(rig.now(second.ownByForce(Optional.of(ONE))), 2);

        Outcome late = rig.write(volume, 0, CLUSTER, 9);
        rig.settle();
        assertThat(late.failure()).hasMessageContaining("node two");
        assertSameFiles();
    }

    /** Deliberate bug: whoever has it is taken for the dead one. */
    @Test
    void theLeaseOfAnotherThanTheDeadNodeIsWaitedFor() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        write(owned(first), 1);
        HostedImage second = two.start(ownedBy(TWO, ONE));
        CompletableFuture<Volume> taken =
                second.ownByForce(Optional.of(new NodeId("three"))).toCompletableFuture();
        requireLeaseIsWaitedFor(second, taken);
    }

    /** Deliberate bug: it is refused together with whoever asked for the image in peace before. */
    @Test
    void forceCountsAlsoWhileTheImageIsBeingTakenInPeace() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        write(owned(first), 1);
        HostedImage second = two.start(ownedBy(TWO, ONE));
        rig.now(second.open());
        CompletableFuture<Volume> inPeace = second.own().toCompletableFuture();
        rig.run();
        assertThat(second.status().stage()).isEqualTo(Stage.TAKING);
        CompletableFuture<Volume> byForce = second.ownByForce(Optional.empty()).toCompletableFuture();
        rig.seconds(34, second);
        assertThat(byForce).isCompleted();
        assertThat(inPeace).isCompleted();
    }

    /** Its claim may be far from settled when the file has all that the log has. */
    @Test
    void aVolumeIsNotOpenBeforeTheImageIsTaken() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage second = two.start(ownedBy(TWO, ONE));
        second.open();
        Volume volume = owned(first);
        rig.settle();
        rig.disksStand = true;
        CompletableFuture<Volume> taken = second.ownByForce(Optional.empty()).toCompletableFuture();
        for (int value = 1; value < 4; value++) {
            rig.write(volume, value * (long) CLUSTER, CLUSTER, value);
        }
        rig.run();
        rig.settle();
        rig.disksStand = false;
        rig.settle();
        assertThat(second.status().stage()).isEqualTo(Stage.TAKING);
        assertThat(taken).isNotDone();
        rig.seconds(34, first, second);
        write(taken.join(), 5);
        assertSameFiles();
    }

    /** Turns red where it opens: what is answered there comes behind the release. */
    @Test
    void aVolumeIsNotOpenedAnyMoreOnceTheImageIsToBeLetGoOf() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        rig.disksStand = true;
        CompletableFuture<Volume> taken = first.own().toCompletableFuture();
        rig.settle();
        assertThat(first.status().stage()).isEqualTo(Stage.TAKING);
        rig.topic.hold(true);
        first.update(ownedBy(TWO, ONE));
        rig.run();
        rig.disksStand = false;
        rig.run();
        assertThat(taken.isDone() && !taken.isCompletedExceptionally()).isFalse();
        rig.topic.hold(false);
        rig.settle();
        assertThat(taken).isCompletedExceptionally();
        HostedImage second = two.start(ownedBy(TWO, ONE));
        write(owned(second), 1);
        assertSameFiles();
    }

    @Test
    void aClosedImageIsOnTheDiskAndReleasedAndAnybodyMayHaveIt() throws IOException {
        HostedImage first = one.start(ownedBy(ONE));
        write(owned(first), 1);
        CompletableFuture<Void> closed = first.close("the node stops").toCompletableFuture();
        rig.settle();
        assertThat(closed).isCompleted();
        FoldState synced = one.progress.synced(HostingRig.IMAGE).orElseThrow();
        assertThat(synced.sequence().value()).isEqualTo(first.status().applied());

        HostedImage second = two.start(ownedBy(TWO, ONE));
        write(owned(second), 2);
        assertThat(rig.failureOf(first.own())).hasMessageContaining("the node stops");
    }

    /** Deliberate bug: the log is asked for the release while writes still gather for the next event. */
    @Test
    void anImageThatMovesTakesEveryWriteAlongThatWasTaken() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        Volume volume = owned(first);
        write(volume, 0); // what has a cluster is small, and gathers
        rig.topic.hold(true);
        List<Outcome> writes = new ArrayList<>();
        for (int i = 0; i < 6; i++) { // 1, 1, 2, and two that gather; with the need-check bit cleared there are three
            writes.add(rig.write(volume, i * 4096L, 4096, i + 1));
        }
        first.update(ownedBy(TWO, ONE));
        rig.settle();
        rig.topic.hold(false);
        rig.settle();
        for (Outcome write : writes) {
            assertThat(write.hasEnded()).isTrue();
            write.requireSuccess();
        }
        assertThat(first.status().stage()).isNotEqualTo(Stage.OWNING);
        replica.update(ownedBy(TWO, ONE));
        write(owned(replica), 4);
        assertSameFiles();
    }

    private static List<byte[]> clusters(byte[] file) {
        List<byte[]> clusters = new ArrayList<>();
        for (int at = 0; at + 65536 <= file.length; at += 65536) {
            clusters.add(Arrays.copyOfRange(file, at, at + 65536));
        }
        return clusters;
    }

    /** Turns red where an image is let go of though its log did not take all that was answered. */
    @Test
    void anImageThatMovesWhileItsLogDoesNotAnswerTakesEveryWriteAlongAllTheSame() throws IOException {
        one.logTimeout = Duration.ofSeconds(3);
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        Volume volume = owned(first);
        rig.topic.hold(true);
        List<Outcome> writes = new ArrayList<>();
        for (int i = 0; i < 12; i++) { // more events than are under way at a time
            writes.add(rig.write(volume, i * 65536L, 65536, i + 1));
            volume.flush(new Outcome()); // the next write has an event of its own
        }
        rig.seconds(4, first, replica);
        assertThat(writes.get(11).failure()).hasMessageContaining("they stay and may still count");
        first.update(ownedBy(TWO, ONE));
        replica.update(ownedBy(TWO, ONE));
        rig.seconds(2, first, replica);
        rig.topic.hold(false);
        rig.seconds(3, first, replica);
        Volume next = owned(replica);
        assertThat(next.tenure().hasAllOf(volume.tenure()))
                .as(next.tenure() + " behind " + volume.tenure())
                .isTrue();
        write(next, 8); // over the first
        assertSameFiles();
        byte[] file = Files.readAllBytes(two.file());
        for (int i = 1; i < 12; i++) {
            byte[] cluster = new byte[65536];
            Arrays.fill(cluster, (byte) (i + 1));
            assertThat(clusters(file))
                    .as("what was written at cluster " + i)
                    .anyMatch(each -> Arrays.equals(each, cluster));
        }
    }

    @Test
    void aNodeThatWasKilledTakesItsOwnImageAgainAtOnceAndHasEverything() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        write(owned(first), 1);

        one = one.killed();
        HostedImage again = one.start(ownedBy(ONE, TWO));
        write(owned(again), 2);
        assertSameFiles();
    }

    @Test
    void aFileThatIsGoneIsMadeAnewFromTheLog() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        write(owned(first), 1);
        rig.settle();
        replica.close("the node stops");
        rig.settle();
        Files.delete(two.file());
        two.start(ownedBy(ONE, TWO)).open();
        assertSameFiles();
    }

    @Test
    void aFileOfWhichTheNodeKnowsNothingIsSetAside() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        write(owned(first), 1);
        Files.writeString(two.file(), "somebody's");
        two.start(ownedBy(ONE, TWO)).open();
        assertSameFiles();
        assertThat(setAside(two)).hasSize(1);
    }

    /** Deliberate bugs: only the length is looked at; what was touched without a change is made anew as well. */
    @Test
    void aFileThatSomebodyHasReplacedWhileItWasClosedIsMadeAnewAndOneThatWasTouchedIsNot() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        Volume volume = owned(first);
        for (int value = 0; value < 8; value++) {
            write(volume, value);
        }
        replica.close("a copy is kept");
        rig.settle();
        byte[] stale = Files.readAllBytes(two.file());

        replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        for (int value = 8; value < 16; value++) {
            write(volume, value);
        }
        List<Integer> asideAfter = new ArrayList<>();
        byte[] foreign = new byte[stale.length];
        Arrays.fill(foreign, (byte) 7);
        byte[] right = Files.readAllBytes(two.file());
        for (byte[] found : List.of(right, stale, foreign, Arrays.copyOf(right, right.length + 1))) {
            replica.close("the node stops");
            rig.settle();
            Files.write(two.file(), found);
            Files.setLastModifiedTime(two.file(), FileTime.fromMillis(12345));
            rig.pass(Duration.ofSeconds(2)); // names of what is set aside differ by the second
            replica = two.start(ownedBy(ONE, TWO));
            replica.open();
            assertSameFiles();
            asideAfter.add(setAside(two).size());
        }
        assertThat(asideAfter).containsExactly(0, 1, 2, 3);
    }

    private static List<Path> setAside(HostingRig.Node node) throws IOException {
        try (Stream<Path> files = Files.list(node.file().getParent())) {
            return files.filter(file -> file.toString().contains("set-aside")).toList();
        }
    }

    @Test
    void anOwnerWhoseLogIsAnotherOneKeepsItsFileAndRefuses() throws IOException {
        HostedImage first = one.start(ownedBy(ONE));
        write(owned(first), 1);
        first.close("the node stops");
        rig.settle();
        byte[] before = Files.readAllBytes(one.file());
        rig.topic.recreate();
        HostedImage again = one.start(ownedBy(ONE));
        assertThat(rig.failureOf(again.own())).hasMessageContaining("topic");
        assertThat(rig.failureOf(again.own())).as("asked again").hasMessageContaining("topic");
        assertThat(again.status().stage()).isEqualTo(Stage.FAILED);
        assertThat(one.file()).hasBinaryContent(before);
        assertThat(setAside(one)).isEmpty();
    }

    @Test
    void aReplicaWhoseLogIsAnotherOneWhenItIsOpenedIsMadeAnew() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        write(owned(first), 1);
        replica.close("the node stops");
        rig.settle();
        rig.topic.recreate();
        HostedImage again = two.start(ownedBy(ONE, TWO));
        assertThat(rig.now(again.open())).isNotNull();
        assertThat(again.status().stage()).isEqualTo(Stage.FOLLOWING);
        assertThat(setAside(two)).hasSize(1);
    }

    @Test
    void aReplicaWhoseLogBecomesAnotherOneIsMadeAnew() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        write(owned(first), 1);
        rig.topic.recreate();
        rig.seconds(3, replica);
        assertThat(replica.status().stage()).isEqualTo(Stage.FOLLOWING);
        assertThat(replica.status().applied()).isZero();
        assertThat(setAside(two)).hasSize(1);
    }

    /** Long before the log's own patience is over, and although nothing has failed. */
    @Test
    void aLogThatDoesNotAnswerIsSpokenOfUntilItDoes() throws IOException {
        HostedImage first = one.start(ownedBy(ONE));
        Volume volume = owned(first);
        rig.topic.hold(true);
        rig.write(volume, 0, CLUSTER, 1);
        rig.seconds(1, first);
        assertThat(first.status().detail()).isEmpty();
        rig.seconds(2, first);
        assertThat(first.status().stage()).isEqualTo(Stage.OWNING);
        assertThat(first.status().detail()).hasValueSatisfying(detail -> assertThat(detail)
                .contains("waiting for the log: it has not answered for 3 s"));
        assertThat(first.status().logWait()).isEqualTo(Duration.ofSeconds(3));

        rig.topic.hold(false);
        rig.settle();
        assertThat(first.status().detail()).isEmpty();
        assertThat(first.status().logWait()).isZero();
    }

    @Test
    void aLogThatDoesNotAnswerKeepsAnImageFromBeingClosedOnlyUntilItIsGivenUp() throws IOException {
        HostedImage first = one.start(ownedBy(ONE));
        write(owned(first), 1);
        rig.topic.hold(true);
        CompletableFuture<Void> closed = first.close("the node stops").toCompletableFuture();
        rig.settle();
        assertThat(closed).isNotDone();
        first.giveUp();
        rig.settle();
        assertThat(closed).isCompleted();
        assertThat(one.progress
                        .synced(HostingRig.IMAGE)
                        .orElseThrow()
                        .sequence()
                        .value())
                .isEqualTo(first.status().applied());
    }

    @Test
    void aDeletedImageIsLetGoOfAndMayBeTakenAgainWhenItIsBack() throws IOException {
        HostedImage first = one.start(ownedBy(ONE));
        Volume volume = owned(first);
        write(volume, 1);
        first.update(HostingRig.image(ImageLife.TRASHED, ONE));
        rig.settle();
        assertThat(one.ended).containsExactly(volume);
        assertThat(rig.failureOf(first.own())).isInstanceOf(HostingException.class);
        first.update(ownedBy(ONE));
        write(owned(first), 2);
    }

    /** Else the volumes of a node would have less and less of it, until none could write. */
    @Test
    void whatAnEndedVolumeHadAcknowledgedGivesItsMemoryBackWhenItIsInTheFile() throws IOException {
        HostedImage first = one.start(ownedBy(ONE));
        Volume volume = owned(first);
        rig.settle();
        rig.disksStand = true;
        rig.write(volume, 0, CLUSTER, 1);
        rig.settle();
        assertThat(one.pending.usedBytes()).isPositive();
        first.update(HostingRig.image(ImageLife.TRASHED, ONE));
        rig.settle();
        assertThat(one.ended).containsExactly(volume);
        rig.disksStand = false;
        rig.settle();
        assertThat(one.pending.usedBytes()).isZero();
    }

    @Test
    void aFileThatFailsEndsTheVolumeAndGivesItsMemoryBack() throws IOException {
        FailingProgress progress = new FailingProgress();
        one.progress = progress;
        HostedImage first = one.start(ownedBy(ONE));
        Volume volume = owned(first);
        rig.settle();
        progress.failing = true;
        rig.write(volume, 0, CLUSTER, 1);
        rig.settle();
        assertThat(first.status().stage()).isEqualTo(Stage.FAILED);
        assertThat(one.ended).containsExactly(volume);
        assertThat(one.pending.usedBytes()).isZero();
        assertThat(rig.failureOf(first.own())).hasMessageContaining("the disk is broken");
        CompletableFuture<Void> closed = first.close("the node stops").toCompletableFuture();
        rig.settle();
        assertThat(closed).isDone();
    }

    private static final class FailingProgress implements ProgressStore {
        private final InMemoryProgress inner = new InMemoryProgress();
        boolean failing;

        @Override
        public Optional<FoldState> synced(ImageId image) {
            return inner.synced(image);
        }

        @Override
        public Optional<FoldState> ceiling(ImageId image) {
            return inner.ceiling(image);
        }

        @Override
        public BlockSums sums(ImageId image) {
            return inner.sums(image);
        }

        @Override
        public void storeSynced(FoldState state, BlockSums.Change content, Stored callback) {
            inner.storeSynced(state, content, callback);
        }

        @Override
        public Optional<Seed> seed(ImageId image) {
            return inner.seed(image);
        }

        @Override
        public void storeSeed(Seed seed, BlockSums.Change content, Stored callback) {
            inner.storeSeed(seed, content, callback);
        }

        @Override
        public void raiseCeiling(FoldState state, Stored callback) {
            if (failing) {
                callback.failed(new IOException("the disk is broken"));
            } else {
                inner.raiseCeiling(state, callback);
            }
        }

        @Override
        public void forget(ImageId image) {
            inner.forget(image);
        }
    }

    /** They leave one after another, and the last may leave when the next volume has clients already. */
    @Test
    void clientsOfAVolumeThatHasEndedDoNotLetTheNextOnesLeaseRunOut() throws IOException {
        HostedImage first = one.start(ownedBy(ONE));
        Volume before = owned(first);
        first.setAttached(before, true);
        first.update(HostingRig.image(ImageLife.TRASHED, ONE));
        rig.settle();
        first.update(ownedBy(ONE));
        Volume now = owned(first);
        first.setAttached(now, true);
        first.setAttached(before, false);
        rig.settle();
        rig.seconds(40, first);
        assertThat(now.isCurrent()).isTrue();
        first.setAttached(now, false);
        rig.seconds(40, first);
        assertThat(now.isCurrent()).isFalse();
    }

    @Test
    void aFullDiskKeepsAReplicaWhereItIs() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        Volume volume = owned(first);
        rig.settle();
        two.diskIsFull = true;
        write(volume, 1); // the read that waits still takes this
        long stands = replica.status().applied();
        write(volume, 2);
        write(volume, 3);
        rig.seconds(5, replica);
        assertThat(replica.status().applied()).isEqualTo(stands);
        two.diskIsFull = false;
        rig.seconds(1, replica);
        assertSameFiles();
    }

    /** Deliberate bugs: what is written while nothing is read is not looked at; what was read once is still taken for the end. */
    @Test
    void aReplicaThatStandsSaysHowFarItIsBehindUntilItHasCaughtUp() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        Volume volume = owned(first);
        for (int i = 0; i < 20; i++) {
            write(volume, i);
        }
        assertThat(replica.status().lagRecords()).isZero();
        assertThat(replica.status().lagBytes()).isZero();
        assertThat(replica.status().lag()).isZero();

        two.diskIsFull = true;
        write(volume, 1); // the read that waits still takes this
        long stands = replica.status().applied();
        rig.pass(Duration.ofSeconds(7));
        for (int i = 0; i < 10; i++) {
            write(volume, i);
        }
        rig.seconds(1, replica);
        replica.lookAhead();
        CopyStatus behind = replica.status();
        assertThat(behind.stage()).isEqualTo(Stage.FOLLOWING);
        assertThat(behind.applied()).isEqualTo(stands);
        assertThat(behind.lagRecords()).isEqualTo(10);
        assertThat(behind.lagBytes()).isBetween(8L * CLUSTER, 11L * CLUSTER);
        assertThat(behind.lag()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(9));

        two.diskIsFull = false;
        rig.seconds(1, replica);
        replica.lookAhead();
        CopyStatus caughtUp = replica.status();
        assertThat(caughtUp.applied()).isEqualTo(stands + 10);
        assertThat(caughtUp.lagRecords()).isZero();
        assertThat(caughtUp.lagBytes()).isZero();
        assertThat(caughtUp.lag()).isZero();
        assertSameFiles();
    }

    /** Deliberate bug: only an owner says what is not in its file yet. */
    @Test
    void whatAReplicaHasReadAndNotAppliedIsPending() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        Volume volume = owned(first);
        write(volume, 1);
        assertThat(replica.status().pendingBytes()).isZero();
        long before = replica.status().applied();
        rig.disksStand = true;
        rig.write(volume, CLUSTER, CLUSTER, 2);
        rig.write(volume, 2 * CLUSTER, CLUSTER, 3);
        rig.settle();
        CopyStatus behind = replica.status();
        assertThat(behind.applied()).isEqualTo(before);
        assertThat(behind.folded().orElseThrow().sequence().value()).isGreaterThan(before);
        assertThat(behind.pendingBytes()).isGreaterThanOrEqualTo(2 * CLUSTER);
        rig.disksStand = false;
        rig.settle();
        assertThat(replica.status().pendingBytes()).isZero();
        assertSameFiles();
    }

    /** Deliberate bug: a log that does not answer is waited for in silence. */
    @Test
    void aReplicaWhoseBrokersAreAwaySaysThatItWaitsForTheLog() throws IOException {
        HostedImage first = one.start(ownedBy(ONE, TWO));
        HostedImage replica = two.start(ownedBy(ONE, TWO));
        replica.open();
        Volume volume = owned(first);
        write(volume, 1);
        assertThat(replica.status().detail()).isEmpty();
        rig.topic.away = true;
        rig.seconds(3, replica);
        assertThat(replica.status().stage()).isEqualTo(Stage.FOLLOWING);
        assertThat(replica.status().detail()).contains("waiting for the log: no broker has answered");
        rig.topic.away = false;
        rig.seconds(3, replica);
        assertThat(replica.status().detail()).isEmpty();
        write(volume, 2);
        assertSameFiles();
    }

    /** Deliberate bug: a node looks only at where the image is placed. */
    @Test
    void aNodeThatIsToOwnNoImagesAnyMoreFollowsThoseThatItOwned() throws IOException {
        HostedImage before = one.start(ownedBy(ONE, TWO));
        write(owned(before), 1);
        before.close("the node stops");
        rig.settle();
        one.ownsImages = false;
        HostedImage now = one.start(ownedBy(ONE, TWO));
        assertThat(rig.failureOf(now.own()))
                .isInstanceOf(HostingException.class)
                .hasMessageContaining("has no owner among its node.roles any more; promote another node");
        assertThat(now.status().stage()).isEqualTo(Stage.FOLLOWING);
        assertThat(now.status().detail().orElseThrow()).contains("no owner among its node.roles");
        HostedImage other = two.start(ownedBy(TWO, ONE));
        now.update(ownedBy(TWO, ONE));
        write(owned(other), 2);
        assertThat(now.status().detail()).isEmpty();
        assertSameFiles();
    }

    @Test
    void aStatusSaysNoMoreThatItWaitsOnceTheLogAnswers() throws IOException {
        HostedImage first = one.start(ownedBy(ONE));
        Volume volume = owned(first);
        rig.topic.records.put(new byte[] {1}); // a stranger's: the owner looks what is there
        write(volume, 1);
        rig.seconds(2, first);
        assertThat(first.status().detail()).isEmpty();
    }

    @Test
    void imagesWhoseLogIsMissingKeepNoOthersFromBeingOpened() {
        HostedImages images = new HostedImages(one.host(), one);
        rig.topic.missing = true;
        for (int number = 0; number < 9; number++) {
            images.update(HostingRig.image(ImageId.of(8, number), ImageLife.LIVE, TWO, ONE));
        }
        images.followAll();
        rig.settle();
        assertThat(rig.topic.opened).isGreaterThanOrEqualTo(9);
    }

    /** Turns red where an image that leaves a node is not waited for, or cannot be given up. */
    @Test
    void anImageThatLeavesANodeIsClosedAndGivenUpWithTheOthers() {
        HostedImages images = new HostedImages(one.host(), one);
        images.update(ownedBy(ONE));
        Volume volume = rig.now(images.get(HostingRig.IMAGE).orElseThrow().own());
        rig.topic.hold(true);
        rig.write(volume, 0, CLUSTER, 1);
        images.update(ownedBy(TWO));
        rig.settle();
        CompletableFuture<Void> closed = images.close().toCompletableFuture();
        rig.settle();
        assertThat(closed).isNotDone();
        images.giveUp();
        rig.settle();
        assertThat(closed).isCompleted();
    }

    @Test
    void leasesAreLookedAfterSeveralTimesInEachHoweverShort() {
        HostedImages images = new HostedImages(one.host(), one);
        assertThat(images.ownerTick()).isEqualTo(Duration.ofSeconds(1));
    }
}
