package io.qedstore.hosting;

import static io.qedstore.hosting.HostingRig.IMAGE;
import static io.qedstore.hosting.HostingRig.ONE;
import static io.qedstore.hosting.HostingRig.TWO;
import static io.qedstore.hosting.HostingRig.ownedBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.content.ContentScan;
import io.qedstore.device.Outcome;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.NodeId;
import io.qedstore.fold.FoldState;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.index.CatalogImage;
import io.qedstore.qed.file.FileView;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of which no other node has one any more, and whose log has lost its beginning. */
class RestoredCopyTest {
    private static final int CLUSTER = 65536;

    private final Path folder;
    private final HostingRig rig;
    private final HostingRig.Node one;
    private final HostingRig.Node two;
    private final LocalCheckpoints store;
    private HostedImage owner;
    private Volume volume;

    RestoredCopyTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        rig = new HostingRig(folder);
        one = rig.new Node(ONE);
        two = rig.new Node(TWO);
        store = new LocalCheckpoints(folder.resolve("checkpoints"), new NodeId("store"));
        rig.stores.add(store);
    }

    @BeforeEach
    void write() throws IOException {
        owner = one.start(ownedBy(ONE, TWO));
        volume = rig.now(owner.own());
        for (int i = 0; i < 20; i++) {
            write(i);
        }
    }

    private void write(int value) throws IOException {
        Outcome outcome = rig.write(volume, (value % 8) * (long) CLUSTER, CLUSTER / 2, value);
        rig.settle();
        outcome.requireSuccess();
    }

    /** Of the owner's file as it is now; the log loses all before it. */
    private void checkpointAndCut() throws IOException {
        CopyFile copy = owner.copy().orElseThrow();
        FoldState at = copy.folded().applied();
        FileView file = copy.view();
        ContentDigest content = new ContentDigest(
                at.sequence(),
                file.length(),
                ContentScan.sum(file, at.algorithm().orElseThrow()));
        store.put(new CheckpointDescription(at, content, 0, 1), file, (next, bytes) -> {});
        rig.topic.start = at.position().nextOffset();
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(two.file().getParent())) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    private HostedImage openOn(HostingRig.Node node, CatalogImage image) {
        HostedImage copy = node.start(image);
        copy.open();
        rig.settle();
        return copy;
    }

    private void assertFollows(HostedImage copy) throws IOException {
        assertThat(copy.status().stage()).as(copy.status().toString()).isEqualTo(Stage.FOLLOWING);
        write(40);
        assertThat(Files.mismatch(one.file(), two.file())).isEqualTo(-1);
        assertThat(left()).containsExactlyInAnyOrder(IMAGE + ".qed", IMAGE + ".seal");
    }

    @Test
    void otherNodesAreAskedForAWhileBeforeACheckpointIsTaken() throws IOException {
        checkpointAndCut();
        write(21);
        rig.unreachable.add(ONE);
        HostedImage copy = openOn(two, ownedBy(ONE, TWO));
        rig.seconds(20, owner, copy);
        assertThat(copy.status().stage()).isEqualTo(Stage.OPENING);
        assertThat(copy.status().detail().orElseThrow()).contains("no route to host");
        rig.seconds(15, owner, copy);
        assertFollows(copy);
    }

    @Test
    void anImageOfOneNodeIsRestoredAtOnceAndOwned() throws IOException {
        checkpointAndCut();
        owner.close("its disk was lost");
        rig.settle();
        HostingRig.Node again = rig.new Node(new NodeId("one-again"));
        HostedImage copy = again.start(ownedBy(again.self));
        Volume taken = rig.now(copy.ownByForce(Optional.empty()));
        assertThat(taken).as(copy.status().toString()).isNotNull();
        Outcome outcome = rig.write(taken, 0, CLUSTER, 50);
        rig.settle();
        outcome.requireSuccess();
    }

    @Test
    void aLogThatReachesBackIsReadWhereThereIsNeitherCopyNorCheckpoint() throws IOException {
        for (int i = 0; i < 1000; i++) {
            write(i);
        }
        rig.unreachable.add(ONE);
        assertFollows(openOn(two, ownedBy(ONE, TWO)));
        assertThat(rig.asked).contains(ONE);
    }

    @Test
    void aCheckpointThatIsDamagedIsNotTakenAndItIsSaidWhatIsMissing() throws IOException {
        checkpointAndCut();
        Path file = folder.resolve("checkpoints")
                .resolve(IMAGE.toString())
                .resolve(String.format("%020d", store.list(IMAGE).get(0).value()))
                .resolve("image.qed");
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(CLUSTER + 3);
            bytes.write(77);
        }
        HostedImage copy = openOn(two, ownedBy(TWO));
        rig.seconds(2, owner, copy);
        assertThat(copy.status().stage()).isEqualTo(Stage.OPENING);
        assertThat(copy.status().detail().orElseThrow())
                .contains("waiting for a copy to begin with: it is placed on no other node; ")
                .contains("no checkpoint in");
    }

    /** Deliberate bug: it is found out only when all of the checkpoint was copied. */
    @Test
    void aCheckpointFromWhichTheLogDoesNotGoOnIsNotEvenCopied() throws IOException {
        checkpointAndCut();
        write(21);
        write(22);
        rig.topic.start++;
        HostedImage copy = openOn(two, ownedBy(TWO));
        assertThat(copy.status().stage()).isEqualTo(Stage.OPENING);
        assertThat(copy.status().detail().orElseThrow()).contains("expected one from which the log goes on");
        assertThat(left()).isEmpty();
    }

    /** Deliberate bug: it is taken for what the checkpoint has become. */
    @Test
    void whatOneThatWasKilledHasLeftIsNotTakenForACopy() throws IOException {
        checkpointAndCut();
        Files.write(two.files.restoredOf(IMAGE), new byte[3 * CLUSTER]);
        assertFollows(openOn(two, ownedBy(TWO)));
    }

    @Test
    void oneThatWasKilledBeforeItGotItsNameIsMadeAnew() throws IOException {
        checkpointAndCut();
        HostedImage copy = openOn(two, ownedBy(TWO));
        copy.close("killed");
        rig.settle();
        Files.move(two.file(), two.files.restoredOf(IMAGE));
        Files.deleteIfExists(two.files.sealOf(IMAGE));
        assertFollows(openOn(two, ownedBy(TWO)));
    }

    @Test
    void whatIsNotNeededAnyMoreGoes() throws IOException {
        Files.write(two.files.restoredOf(IMAGE), new byte[3 * CLUSTER]);
        Files.write(folder.resolve(TWO.value()).resolve(IMAGE + ".restored.part"), new byte[CLUSTER]);
        assertFollows(openOn(two, ownedBy(ONE, TWO)));
    }
}
