package io.qedstore.hosting;

import static io.qedstore.hosting.HostingRig.ONE;
import static io.qedstore.hosting.HostingRig.TWO;
import static io.qedstore.hosting.HostingRig.ownedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.Outcome;
import io.qedstore.device.Patience;
import io.qedstore.device.ReadBytes;
import io.qedstore.event.NodeId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.ProgressStore;
import io.qedstore.fold.Seed;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.index.CatalogImage;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies that begin with another node's, and are mended from it. */
class SeededCopyTest {
    private static final int CLUSTER = 65536;
    private static final int BLOCK = 4096;
    private static final NodeId THREE = new NodeId("three");
    private static final CatalogImage PLACED = ownedBy(ONE, TWO, THREE);

    private final HostingRig rig;
    private final HostingRig.Node one;
    private final HostingRig.Node two;
    private HostedImage owner;
    private Volume volume;

    SeededCopyTest(@TempDir Path folder) throws IOException {
        rig = new HostingRig(folder);
        one = rig.new Node(ONE);
        two = rig.new Node(TWO);
    }

    @BeforeEach
    void write() throws IOException {
        owner = one.start(PLACED);
        volume = rig.now(owner.own());
        for (int i = 0; i < 20; i++) {
            write(i);
        }
        rig.settle();
    }

    private void write(int value) throws IOException {
        Outcome outcome = rig.write(volume, (value % 8) * (long) CLUSTER, CLUSTER / 2, value);
        rig.settle();
        outcome.requireSuccess();
    }

    private void assertSameFiles() throws IOException {
        rig.settle();
        assertThat(Files.mismatch(one.file(), two.file())).isEqualTo(-1);
        assertThat(Files.size(one.file())).isPositive();
    }

    private static List<Path> setAside(HostingRig.Node node) throws IOException {
        try (Stream<Path> files = Files.list(node.file().getParent())) {
            return files.filter(file -> file.toString().contains("set-aside")).toList();
        }
    }

    @Test
    void whereTheLogDoesNotReachBackACopyBeginsWithAnotherNodes() throws IOException {
        rig.topic.start = 10;
        rig.unreachable.add(THREE);
        HostedImage copy = two.start(PLACED);
        copy.open();
        rig.settle();
        assertThat(rig.asked).contains(ONE);
        assertThat(copy.status().stage()).isEqualTo(Stage.FOLLOWING);
        write(21);
        assertSameFiles();
        assertThat(setAside(two)).isEmpty();
    }

    /** Deliberate bug: how far a copy is, is said as if each start were its first. */
    @Test
    void aCopyThatIsBeingMadeSaysHowFarItIsAndFromWhere() throws IOException {
        rig.topic.start = 10;
        rig.unreachable.add(ONE);
        List<CopyStatus> seen = new ArrayList<>();
        HostedImage copy = two.start(PLACED);
        rig.whenAsked = () -> seen.add(copy.status());
        copy.open();
        rig.settle();
        assertThat(seen.get(0).stage()).isEqualTo(Stage.SEEDING);
        assertThat(seen).extracting(status -> status.detail().orElseThrow()).contains("seeding from node one");
        copy.close("the node stops");
        rig.settle();

        byte[] whole = Files.readAllBytes(one.file());
        int there = whole.length * 43 / 100 / BLOCK * BLOCK;
        Files.write(two.file(), Arrays.copyOf(whole, there));
        FoldState state = owner.status().folded().orElseThrow();
        two.progress.storeSeed(
                new Seed(state, state, there, whole.length),
                two.progress.sums(HostingRig.IMAGE).take(),
                new ProgressStore.Stored() {
                    @Override
                    public void stored() {}

                    @Override
                    public void failed(IOException cause) {
                        throw new AssertionError(cause);
                    }
                });
        seen.clear();
        HostedImage again = two.start(PLACED);
        rig.whenAsked = () -> seen.add(again.status());
        again.open();
        rig.settle();
        assertThat(seen.get(0).stage()).isEqualTo(Stage.SEEDING);
        assertThat(seen.get(0).detail()).contains("seeding " + there * 100 / whole.length + " % from node one");
        assertThat(there * 100 / whole.length).isBetween(40, 43);
    }

    @Test
    void aShortLogIsReadFromItsBeginning() throws IOException {
        two.start(PLACED).open();
        assertSameFiles();
        assertThat(rig.asked).isEmpty();
    }

    /** Deliberate bug: a copy begins with the log's beginning at each start. */
    @Test
    void aReplicaThatWasAwayReadsWhatWasWrittenMeanwhileAndNoMore() throws IOException {
        HostedImage copy = two.start(PLACED);
        copy.open();
        rig.settle();
        copy.close("the node stops");
        rig.settle();
        for (int i = 0; i < 5; i++) {
            write(50 + i);
        }
        long before = rig.topic.readRecords;
        two.start(PLACED).open();
        assertSameFiles();
        long each = 3; // it is looked whether the last that it had is there, twice, and then what follows is read
        assertThat(rig.topic.readRecords - before).isBetween(5L, each * (1 + 5));
        assertThat(rig.topic.records.records()).hasSizeGreaterThan((int) each * (1 + 5));
        assertThat(rig.asked).isEmpty();
    }

    @Test
    void withoutAnotherNodeItWaitsAndSaysForWhat() throws IOException {
        rig.topic.start = 10;
        rig.unreachable.add(ONE);
        HostedImage copy = two.start(PLACED);
        copy.open();
        rig.seconds(3, owner, copy);
        assertThat(copy.status().stage()).isEqualTo(Stage.OPENING);
        assertThat(copy.status().detail().orElseThrow())
                .contains("waiting for a copy to begin with")
                .contains("no route to host");
        rig.unreachable.clear();
        rig.seconds(2, owner, copy);
        assertThat(copy.status().stage()).isEqualTo(Stage.FOLLOWING);
        assertSameFiles();
    }

    @Test
    void aReplicaThatFellBehindTheLogsBeginningIsMadeAnew() throws IOException {
        HostedImage copy = two.start(PLACED);
        copy.open();
        rig.settle();
        copy.close("the node stops");
        rig.settle();
        write(30);
        write(31);
        rig.topic.start = rig.topic.records.records().size() - 1L;
        HostedImage again = two.start(PLACED);
        again.open();
        rig.seconds(2, owner, again);
        assertThat(again.status().stage()).isEqualTo(Stage.FOLLOWING);
        assertSameFiles();
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int before = bytes.read();
            bytes.seek(at);
            bytes.write(before ^ 4);
        }
    }

    /** Deliberate bug: the file is read as it is. */
    @Test
    void whatIsDamagedInAReplicaIsRestoredBeforeItIsRead() throws IOException {
        HostedImage copy = two.start(PLACED);
        CopyFile file = rig.now(copy.open());
        rig.settle();
        byte[] expected = Files.readAllBytes(one.file());
        for (long at = 0; at < expected.length; at += 4096) { // header, tables, data, holes
            flip(two.file(), at + 17);
        }
        CopyDevice device = new CopyDevice("vm1", file, () -> null);
        device.requireReadable();
        assertThat(device.sizeBytes()).isEqualTo(1 << 20);
        ByteBuffer read = ByteBuffer.allocate(expected.length);
        file.view().read(0, read);
        assertThat(read.array()).isEqualTo(expected);
        assertSameFiles();
    }

    /** Deliberate bug: what is read anew goes behind what was read before the damage was met. */
    @Test
    void aReadThatMeetsDamageIsAnsweredAllTheSame() throws IOException {
        CopyFile file = rig.now(two.start(PLACED).open());
        rig.settle();
        CopyDevice device = new CopyDevice("vm1", file, () -> null);
        ReadBytes whole = new ReadBytes(1 << 20);
        device.read(0, 1 << 20, whole, Patience.WAIT);
        flip(two.file(), Files.size(two.file()) - 1);
        flip(two.file(), Files.size(two.file()) - CLUSTER);
        List<ReadBytes> attempts = new ArrayList<>();
        Outcome outcome = new Outcome();
        device.read(
                0,
                1 << 20,
                () -> {
                    attempts.add(new ReadBytes(1 << 20));
                    return attempts.get(attempts.size() - 1);
                },
                outcome);
        outcome.requireSuccess();
        assertThat(attempts).hasSize(3);
        assertThat(attempts.get(2).array()).isEqualTo(whole.array());
        flip(two.file(), Files.size(two.file()) - 1);
        assertThatThrownBy(() -> device.read(0, 1 << 20, new ReadBytes(1 << 20), Patience.WAIT))
                .hasMessageContaining("is restored; read it again");
        assertSameFiles();
    }

    @Test
    void whatIsDamagedInTheOwnersFileIsRestoredFromAReplica() throws IOException {
        HostedImage copy = two.start(PLACED);
        copy.open();
        rig.settle();
        byte[] expected = Files.readAllBytes(two.file());
        for (long at = 0; at < expected.length; at += 4096) {
            flip(one.file(), at + 17);
        }
        write(3); // parts of blocks
        ByteBuffer read = ByteBuffer.allocate(CLUSTER);
        owner.copy().orElseThrow().view().read(0, read);
        write(19);
        ByteBuffer all = ByteBuffer.allocate((int) Files.size(one.file()));
        owner.copy().orElseThrow().view().read(0, all);
        assertSameFiles();
    }

    @Test
    void aFileThatHasLostItsEndIsSetAsideAndMadeAnew() throws IOException {
        HostedImage copy = two.start(PLACED);
        copy.open();
        rig.settle();
        copy.close("the node stops");
        rig.settle();
        try (RandomAccessFile bytes = new RandomAccessFile(two.file().toFile(), "rw")) {
            bytes.setLength(bytes.length() - 4096);
        }
        two.start(PLACED).open();
        assertSameFiles();
        assertThat(setAside(two)).hasSize(1);
    }

    /** The process is killed while the file is open, and comes back to another file in its place. */
    private HostingRig.Node killed(HostingRig.Node node) throws IOException {
        HostingRig.Node again = node.killed(); // its file is another by its inode
        Files.copy(node.files.sealOf(HostingRig.IMAGE), again.files.sealOf(HostingRig.IMAGE));
        return again;
    }

    /** Deliberate bug: only a file that was closed is looked at. Redo would take over what is around what it writes. */
    @Test
    void anotherFileInPlaceOfOneThatWasOpenIsSetAsideAndMadeAnew() throws IOException {
        HostedImage copy = two.start(PLACED);
        copy.open();
        rig.seconds(6, owner, copy); // it is synced
        HostingRig.Node again = killed(two);
        flip(again.file(), Files.size(again.file()) - 1);
        again.start(PLACED).open();
        rig.settle();
        assertThat(setAside(again)).hasSize(1);
        assertThat(Files.mismatch(one.file(), again.file())).isEqualTo(-1);
    }

    @Test
    void anotherFileInPlaceOfOneThatWasNeverSyncedIsSetAsideToo() throws IOException {
        two.start(PLACED).open();
        rig.settle();
        HostingRig.Node again = killed(two);
        flip(again.file(), Files.size(again.file()) - 1);
        again.start(PLACED).open();
        rig.settle();
        assertThat(setAside(again)).hasSize(1);
        assertThat(Files.mismatch(one.file(), again.file())).isEqualTo(-1);
    }

    /** Deliberate bug: redo makes it as long as it was. */
    @Test
    void aFileThatHasLostItsEndWhileItWasOpenIsSetAsideAndMadeAnew() throws IOException {
        HostedImage copy = two.start(PLACED);
        copy.open();
        rig.seconds(6, owner, copy); // it is synced
        write(20);
        HostingRig.Node again = two.killed();
        try (RandomAccessFile bytes = new RandomAccessFile(again.file().toFile(), "rw")) {
            bytes.setLength(bytes.length() - 4096);
        }
        again.start(PLACED).open();
        rig.settle();
        assertThat(setAside(again)).hasSize(1);
        assertThat(Files.mismatch(one.file(), again.file())).isEqualTo(-1);
    }
}
