package io.qedstore.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.checkpoint.TestCheckpoints;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogRules;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the catalog says and what the store has, whatever was killed between.
 *
 * <p>Turns red when a checkpoint is removed before the catalog says so, or when it is not looked at again whether it is needed.
 */
class CheckpointKeeperTest {
    private static final ImageId IMAGE = TestCatalog.image(2);
    private static final NodeId OTHER = new NodeId("node-2");

    @TempDir
    Path folder = Path.of("");

    private int folders;

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** A catalog, and a node with its store. */
    private final class Rig {
        final InMemoryIndex index = new InMemoryIndex();
        final LocalCheckpoints store = new LocalCheckpoints(folder.resolve("store-" + folders++), TestCatalog.NODE);
        private long said;

        /** Comes into the catalog right before what is said next. */
        Optional<CatalogEvent> inBetween = Optional.empty();

        Rig() throws IOException {
            decide(TestCatalog.announced(TestCatalog.NODE));
            decide(TestCatalog.created(2, "vm1"));
        }

        CatalogDecision say(CatalogEvent event) throws IOException {
            if (inBetween.isPresent()) {
                decide(inBetween.get());
                inBetween = Optional.empty();
            }
            return decide(event);
        }

        private CatalogDecision decide(CatalogEvent event) throws IOException {
            said++;
            CatalogDecision decision =
                    CatalogRules.decide(new CatalogRecord(1_000_000 * said, TestCatalog.NODE, event), index);
            index.write(decision.changes(), TestCatalog.position(said));
            return decision;
        }

        CheckpointKeeper keeper(int keep) {
            return keeper(keep, KeepSteps.NONE);
        }

        CheckpointKeeper keeper(int keep, KeepSteps steps) {
            return new CheckpointKeeper(store, keep, index, this::say, steps);
        }

        CheckpointDescription put(long sequence) throws IOException {
            MemoryImageFile file = new MemoryImageFile();
            file.write(0, ByteBuffer.wrap(new byte[] {1}));
            return store.put(TestCheckpoints.describe(IMAGE, file, sequence), file, (next, bytes) -> {});
        }

        CatalogImage image() {
            return index.image(IMAGE).orElseThrow();
        }

        List<Sequence> known() {
            return index.checkpoints(IMAGE).stream()
                    .filter(checkpoint -> checkpoint.holder().equals(TestCatalog.NODE))
                    .map(Checkpoint::sequence)
                    .toList();
        }

        void others(long sequence) throws IOException {
            others(OTHER, sequence);
        }

        void others(NodeId holder, long sequence) throws IOException {
            CheckpointDescription like = put(999);
            decide(new CatalogEvent.CheckpointMade(
                    IMAGE, holder, new Sequence(sequence), like.content().sum(), 1, 0));
            store.delete(IMAGE, new Sequence(999));
        }

        void floor(long sequence) throws IOException {
            assertThat(decide(new CatalogEvent.HistoryFloor(IMAGE, new Sequence(sequence)))
                            .verdict()
                            .isVoid())
                    .isFalse();
        }
    }

    private static List<Sequence> sequences(long... values) {
        return java.util.Arrays.stream(values).mapToObj(Sequence::new).toList();
    }

    @Test
    void theNewestStayAndTheRestGo() throws IOException {
        Rig rig = new Rig();
        for (long sequence : new long[] {3, 5, 9}) {
            rig.keeper(2).announce(rig.put(sequence));
            rig.keeper(2).thin(rig.image(), true);
        }
        assertThat(rig.store.list(IMAGE)).isEqualTo(sequences(5, 9));
        assertThat(rig.known()).isEqualTo(sequences(5, 9));
    }

    @Test
    void theOneFromWhichTheFloorIsMadeStaysHoweverOldItIs() throws IOException {
        Rig rig = new Rig();
        for (long sequence : new long[] {3, 5, 9, 12}) {
            rig.keeper(9).announce(rig.put(sequence));
        }
        rig.floor(7);
        rig.keeper(1).thin(rig.image(), true);
        assertThat(rig.known()).isEqualTo(sequences(5, 12));
        rig.keeper(1).thin(rig.image(), false);
        assertThat(rig.known()).isEqualTo(sequences(5));
        rig.others(6);
        rig.keeper(1).thin(rig.image(), false);
        assertThat(rig.known()).isEqualTo(sequences(5));
        rig.others(new NodeId("node-3"), 6);
        rig.keeper(1).thin(rig.image(), false);
        assertThat(rig.known()).isEmpty();
        assertThat(rig.store.list(IMAGE)).isEmpty();
    }

    /** Whoever raised the floor had seen the checkpoint, and deletes the log that it stands for. */
    @Test
    void oneThatAFloorNeedsWhichCameBeforeItsDropStays() throws IOException {
        Rig rig = new Rig();
        for (long sequence : new long[] {3, 9}) {
            rig.keeper(9).announce(rig.put(sequence));
        }
        rig.inBetween = Optional.of(new CatalogEvent.HistoryFloor(IMAGE, new Sequence(4)));
        rig.keeper(1).thin(rig.image(), true);
        assertThat(rig.known()).isEqualTo(sequences(3, 9));
        assertThat(rig.store.list(IMAGE)).isEqualTo(sequences(3, 9));
    }

    @Test
    void whatIsLostIsDroppedAndWhatIsNotKnownIsSaid() throws IOException {
        Rig rig = new Rig();
        rig.keeper(9).announce(rig.put(3));
        rig.store.delete(IMAGE, new Sequence(3));
        rig.put(4);
        rig.keeper(9).reconcile(IMAGE);
        assertThat(rig.known()).isEqualTo(sequences(4));
    }

    @Test
    void nothingStaysOfAnImageThatIsGoneForEver() throws IOException {
        Rig rig = new Rig();
        rig.keeper(9).announce(rig.put(3));
        rig.keeper(9).forgetPurged();
        assertThat(rig.store.list(IMAGE)).isEqualTo(sequences(3));
        rig.decide(new CatalogEvent.ImageDeleted(IMAGE));
        rig.decide(new CatalogEvent.ImagePurged(IMAGE, rig.image().lifeMicros()));
        rig.keeper(9).forgetPurged();
        assertThat(rig.store.images()).isEmpty();
        assertThat(files(rig)).isEmpty();
    }

    private static List<Path> files(Rig rig) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(rig.store.place()))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** Killed behind any step, started anew, and so on: in the end both say the same, and what is needed is there. */
    @Test
    void aKillBehindAnyStepLeavesNothingHalfDone() {
        Seeds.forEach(60, seed -> {
            Random random = new Random(seed);
            Rig rig = new Rig();
            long last = 0;
            for (int round = 0; round < 12; round++) {
                int[] left = {random.nextInt(4)};
                KeepSteps killer = step -> {
                    if (left[0]-- == 0) {
                        throw new Killed();
                    }
                };
                CheckpointKeeper keeper = rig.keeper(1 + random.nextInt(2), killer);
                try {
                    last += 1 + random.nextInt(3);
                    CheckpointDescription made = rig.put(last);
                    keeper.announce(made);
                    long floor =
                            rig.known().get(random.nextInt(rig.known().size())).value() + 1;
                    if (random.nextInt(3) == 0 && rig.image().floor().value() < floor) {
                        rig.floor(floor);
                    }
                    keeper.thin(rig.image(), true);
                } catch (Killed e) {
                    rig.store.clean();
                    rig.keeper(2).reconcile(IMAGE);
                }
                rig.keeper(2).reconcile(IMAGE);
                assertThat(rig.known()).isEqualTo(rig.store.list(IMAGE)).contains(new Sequence(last));
                Sequence floor = rig.image().floor();
                if (!floor.equals(Sequence.NONE)) {
                    assertThat(rig.known()).anyMatch(sequence -> sequence.compareTo(floor) <= 0);
                }
            }
        });
    }
}
