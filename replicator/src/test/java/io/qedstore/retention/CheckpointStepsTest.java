package io.qedstore.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.checkpoint.TestCheckpoints;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogRules;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What lies on the disk at each step on which a checkpoint is made and the one before it is removed, and what the next process makes of
 * it: it is whole, and the catalog knows it, or nothing of it is there.
 */
class CheckpointStepsTest {
    private static final ImageId IMAGE = TestCatalog.image(2);
    private static final Sequence OLD = new Sequence(3);
    private static final Sequence NEW = new Sequence(5);
    private static final String DRAFT = "draft.part";

    @TempDir
    Path folder = Path.of("");

    private final MemoryImageFile file = new MemoryImageFile();
    private final List<Left> all = new ArrayList<>();

    /** What a kill leaves. */
    private record Left(String when, Path disk, List<Sequence> known) {}

    /** A node's store, and what the catalog says of it. */
    private final class Node {
        final InMemoryIndex index = new InMemoryIndex();
        final LocalCheckpoints store;
        private int said;

        Node(Path disk, List<Sequence> known) throws IOException {
            store = new LocalCheckpoints(disk, TestCatalog.NODE);
            say(TestCatalog.announced(TestCatalog.NODE));
            say(TestCatalog.created(2, "vm1"));
            for (Sequence each : known) {
                CheckpointDescription description = describe(each);
                say(new CatalogEvent.CheckpointMade(
                        IMAGE, TestCatalog.NODE, each, description.content().sum(), 1, 0));
            }
        }

        CatalogDecision say(CatalogEvent event) throws IOException {
            said++;
            CatalogDecision decision =
                    CatalogRules.decide(new CatalogRecord(1_000_000L * said, TestCatalog.NODE, event), index);
            index.write(decision.changes(), TestCatalog.position(said));
            return decision;
        }

        CheckpointKeeper keeper(KeepSteps steps) {
            return new CheckpointKeeper(store, 1, index, this::say, steps);
        }

        CatalogImage image() {
            return index.image(IMAGE).orElseThrow();
        }

        List<Sequence> known() {
            return index.checkpoints(IMAGE).stream().map(Checkpoint::sequence).toList();
        }
    }

    private CheckpointDescription describe(Sequence sequence) throws IOException {
        return TestCheckpoints.describe(IMAGE, file, sequence.value());
    }

    private void leave(String when, Path disk, List<Sequence> known) throws IOException {
        Path copy = folder.resolve("left-" + all.size());
        try (Stream<Path> files = Files.walk(disk)) {
            for (Path each : files.toList()) {
                Files.copy(each, copy.resolve(disk.relativize(each).toString()));
            }
        }
        all.add(new Left(when, copy, known));
    }

    private static Path of(Path disk, String name) {
        return disk.resolve(IMAGE.toString()).resolve(name);
    }

    private static String name(Sequence sequence) {
        return String.format("%020d", sequence.value());
    }

    /** All that a node leaves that makes one and removes the one before. */
    private void walk() throws IOException {
        byte[] data = new byte[3 << 20];
        new Random(1).nextBytes(data);
        file.write(4096, ByteBuffer.wrap(data));
        file.write(9 << 20, ByteBuffer.wrap(data));
        Path disk = folder.resolve("disk");
        Node node = new Node(disk, List.of());
        node.keeper(KeepSteps.NONE).announce(node.store.put(describe(OLD), file, (next, bytes) -> {}));
        CheckpointDescription made =
                node.store.put(describe(NEW), file, (next, bytes) -> leave("copied up to " + next, disk, node.known()));
        leave("made", disk, node.known());
        Files.move(of(disk, name(NEW)), of(disk, DRAFT));
        leave("before its name", disk, node.known());
        Files.move(of(disk, DRAFT), of(disk, name(NEW)));
        KeepSteps steps = step -> {
            try {
                leave(step.toString(), disk, node.known());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        node.keeper(steps).announce(made);
        leave("before the one before goes", disk, node.known());
        node.keeper(steps).thin(node.image(), true);
        removeInSteps(all.stream()
                .filter(left -> left.when().equals("DROP_SAID"))
                .findFirst()
                .orElseThrow());
    }

    private void removeInSteps(Left dropped) throws IOException {
        Path gone = of(dropped.disk(), name(OLD) + ".gone");
        Files.move(of(dropped.disk(), name(OLD)), gone);
        leave("renamed", dropped.disk(), dropped.known());
        Files.delete(gone.resolve("image.qed"));
        leave("its file is gone", dropped.disk(), dropped.known());
        Files.delete(gone.resolve("description"));
        leave("its description is gone", dropped.disk(), dropped.known());
        Files.move(gone, of(dropped.disk(), name(OLD)));
    }

    /** Deliberate bugs: drafts, and what is being removed, are not cleaned; what the catalog does not know is not told to it. */
    @Test
    void whereverItIsKilledTheNextHasOneWholeCheckpointAndNothingElse() throws IOException {
        walk();
        assertThat(all).hasSizeGreaterThan(12);
        for (Left left : all) {
            Node node = new Node(left.disk(), left.known());
            assertThat(node.store.list(IMAGE)).as(left.when()).isSubsetOf(OLD, NEW);
            node.store.clean();
            node.keeper(KeepSteps.NONE).reconcile(IMAGE);
            node.keeper(KeepSteps.NONE).thin(node.image(), true);
            boolean isMade = !left.when().startsWith("copied") && !left.when().equals("before its name");
            Sequence expected = isMade ? NEW : OLD;
            assertThat(node.known()).as(left.when()).containsExactly(expected);
            assertThat(node.store.list(IMAGE)).as(left.when()).containsExactly(expected);
            MemoryImageFile restored = new MemoryImageFile();
            node.store.restore(node.store.describe(IMAGE, expected), restored, 0, (next, bytes) -> {});
            assertThat(restored.firstDifference(file)).as(left.when()).isEmpty();
            try (Stream<Path> files = Files.walk(left.disk())) {
                assertThat(files.filter(Files::isRegularFile)).as(left.when()).hasSize(2);
            }
        }
    }
}
