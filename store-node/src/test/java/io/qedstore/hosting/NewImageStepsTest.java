package io.qedstore.hosting;

import static io.qedstore.hosting.HostingRig.IMAGE;
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
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.fold.ProgressStore;
import io.qedstore.index.CatalogImage;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An owner that is killed between any two of its steps from when the catalog has a new image until that has its first events. */
class NewImageStepsTest {
    private static final int CLUSTER = 65536;
    private static final Backing OVER = new Backing(ImageId.of(5, 6), LineageId.of(7, 8), new Sequence(42));
    private static final CatalogImage IMAGE_ALONE = HostingRig.ownedBy(ONE, TWO);
    private static final CatalogImage CLONE = HostingRig.cloneOver(OVER, ONE, TWO);

    @TempDir
    Path folder = Path.of("");

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** A node that is started on what another has left. */
    private static final class Running {
        final HostingRig rig;
        final HostingRig.Node node;
        final HostedImages hosted;

        Running(Path folder, byte[] base, ProgressStore progress, List<byte[]> records) throws IOException {
            rig = new HostingRig(folder);
            rig.goOnWith(records);
            node = rig.new Node(ONE);
            node.progress = progress;
            MemoryImageFile file = new MemoryImageFile();
            file.write(0, ByteBuffer.wrap(base));
            node.bases.put(OVER, new RawImage("base", file));
            hosted = new HostedImages(node.host(), node);
        }

        void start(CatalogImage image) {
            hosted.update(image);
            hosted.followAll();
            rig.settle();
        }
    }

    /** @return whether it was killed */
    private static boolean startKilledAfter(Running running, CatalogImage image, int steps) {
        int[] left = {steps};
        boolean[] isKilled = new boolean[1];
        running.rig.beforeEach = () -> {
            if (isKilled[0] || left[0]-- == 0) {
                isKilled[0] = true;
                throw new Killed();
            }
        };
        try {
            running.start(image);
        } catch (Killed e) {
            return true;
        }
        return isKilled[0];
    }

    /** Seals are lost, as they may be: they would tell that the files are copies. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path each : files.toList()) {
                if (!each.toString().endsWith(".seal")) {
                    Files.copy(each, to.resolve(from.relativize(each).toString()));
                }
            }
        }
    }

    /** Deliberate bug: an image that its owner has not begun with is left alone at the start. */
    @Test
    void whereverItsOwnerIsKilledANewImageIsThereInTheEnd() throws IOException {
        assertThat(walk("image", IMAGE_ALONE, new byte[1 << 20])).isGreaterThan(5);
        byte[] base = new byte[1 << 20];
        Arrays.fill(base, CLUSTER, 3 * CLUSTER, (byte) 0x11);
        assertThat(walk("clone", CLONE, base)).isGreaterThan(5);
    }

    /** @return how many steps there are */
    private int walk(String name, CatalogImage image, byte[] base) throws IOException {
        boolean wasKilled = true;
        int steps = 0;
        for (; wasKilled; steps++) {
            String when = name + " killed after " + steps + " steps";
            Path before = folder.resolve(name + steps);
            Running killed = new Running(before, base, new InMemoryProgress(), List.of());
            wasKilled = startKilledAfter(killed, image, steps);
            Path after = folder.resolve(name + steps + "-again");
            copy(before, after);
            Running next = new Running(after, base, killed.node.progress, killed.rig.records());
            next.start(image);
            HostedImage there = next.hosted.get(IMAGE).orElseThrow();
            assertThat(there.volume().isPresent() || there.status().applied() > 0)
                    .as(when + ", and asked for by nobody")
                    .isTrue();
            requireWhole(next, there, image, base, when);
        }
        return steps;
    }

    private static void requireWhole(Running next, HostedImage there, CatalogImage image, byte[] base, String when)
            throws IOException {
        Volume volume = next.rig.now(there.own());
        Outcome outcome = next.rig.write(volume, 2 * CLUSTER + 512, 512, 7);
        next.rig.settle();
        outcome.requireSuccess();
        byte[] expected = base.clone();
        Arrays.fill(expected, 2 * CLUSTER + 512, 2 * CLUSTER + 1024, (byte) 7);
        ReadBytes found = new ReadBytes(expected.length);
        volume.read(0, expected.length, found, Patience.WAIT);
        next.rig.settle();
        assertThat(found.array()).as(when).isEqualTo(expected);
        HostingRig.Node two = next.rig.new Node(TWO);
        next.rig.now(two.start(image).open());
        next.rig.settle();
        assertThat(Files.mismatch(next.node.file(), two.file())).as(when).isEqualTo(-1);
        try (Stream<Path> files = Files.list(next.node.file().resolveSibling("."))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .as(when)
                    .isSubsetOf(List.of(IMAGE + ".qed", IMAGE + ".seal"));
        }
    }
}
