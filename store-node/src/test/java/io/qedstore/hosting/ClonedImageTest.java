package io.qedstore.hosting;

import static io.qedstore.hosting.HostingRig.ONE;
import static io.qedstore.hosting.HostingRig.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.Outcome;
import io.qedstore.device.Patience;
import io.qedstore.device.ReadBytes;
import io.qedstore.event.Backing;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.Sequence;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.index.CatalogImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image that lies over another. */
class ClonedImageTest {
    private static final int CLUSTER = 65536;
    private static final Backing OVER = new Backing(ImageId.of(5, 6), LineageId.of(7, 8), new Sequence(42));
    private static final CatalogImage CLONE = HostingRig.cloneOver(OVER, ONE, TWO);

    private final HostingRig rig;
    private final HostingRig.Node one;
    private final HostingRig.Node two;
    private final byte[] disk = new byte[1 << 20];

    ClonedImageTest(@TempDir Path folder) throws IOException {
        rig = new HostingRig(folder);
        one = rig.new Node(ONE);
        two = rig.new Node(TWO);
        Arrays.fill(disk, 0, 3 * CLUSTER, (byte) 0x11);
    }

    private RawImage base() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        file.write(0, ByteBuffer.wrap(disk));
        return new RawImage("base", file);
    }

    private void write(Volume volume, int at, int lengthBytes, int value) throws IOException {
        Outcome outcome = rig.write(volume, at, lengthBytes, value);
        rig.settle();
        outcome.requireSuccess();
        Arrays.fill(disk, at, at + lengthBytes, (byte) value);
    }

    // Deliberate bugs: the header names no base; a replica is read without it.
    @Test
    void aCloneShowsItsBaseWhereItHasNothingAndAReplicaHasTheSameFile() throws IOException {
        one.bases.put(OVER, base());
        two.bases.put(OVER, base());
        HostedImage owner = one.start(CLONE);
        HostedImage replica = two.start(CLONE);
        CopyFile copy = rig.now(replica.open());
        Volume volume = rig.now(owner.own());
        write(volume, CLUSTER + 1000, 100, 0x22); // the rest of that cluster comes from the base
        write(volume, 2 * CLUSTER - 10, 20, 0x33);
        rig.settle();
        ReadBytes owners = new ReadBytes(disk.length);
        volume.read(0, disk.length, owners, Patience.WAIT);
        assertThat(owners.array()).isEqualTo(disk);
        ReadBytes replicas = new ReadBytes(disk.length);
        replica.toRead(copy).read(0, disk.length, replicas, Patience.WAIT);
        assertThat(replicas.array()).isEqualTo(disk);
        assertThat(Files.mismatch(one.file(), two.file())).isEqualTo(-1);
        try (ChannelImageFile file = ChannelImageFile.open(two.file(), FileAccess.PEEK)) {
            assertThat(HeaderReader.read(file, HeaderLayout.FINAL).backing().name())
                    .isEqualTo("00000000-0000-0005-0000-000000000006-42.qed");
        }
    }

    // Deliberate bug: it is opened as if there were nothing behind it.
    @Test
    void withoutItsBaseACloneIsNotServedAndSaysSo() throws IOException {
        two.bases.put(OVER, base());
        HostedImage owner = one.start(CLONE);
        CompletableFuture<Volume> owned = owner.own().toCompletableFuture();
        rig.seconds(3, owner);
        assertThat(owned).isNotDone();
        assertThat(owner.status().stage()).isEqualTo(Stage.TAKING);
        assertThat(owner.status().detail().orElseThrow()).contains("waiting for its base " + OVER.fileName());
        one.bases.put(OVER, base());
        rig.seconds(1, owner);
        write(owned.join(), 0, 512, 0x44);
        assertThat(owner.status().detail()).isEmpty();
    }

    @Test
    void aReplicaSaysThatItsBaseIsMissingWhileItFollows() throws IOException {
        one.bases.put(OVER, base());
        HostedImage owner = one.start(CLONE);
        HostedImage replica = two.start(CLONE);
        replica.open();
        write(rig.now(owner.own()), 0, 512, 0x44);
        rig.settle();
        assertThat(replica.status().stage()).isEqualTo(Stage.FOLLOWING);
        assertThat(replica.status().detail().orElseThrow()).contains(OVER.fileName());
        assertThat(Files.mismatch(one.file(), two.file())).isEqualTo(-1);
    }
}
