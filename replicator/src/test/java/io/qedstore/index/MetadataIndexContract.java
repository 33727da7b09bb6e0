package io.qedstore.index;

import static io.qedstore.index.TestCatalog.image;
import static io.qedstore.index.TestCatalog.position;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Backing;
import io.qedstore.event.Endpoint;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.fold.FoldState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every index does. */
public abstract class MetadataIndexContract {
    private static final ImageId IMAGE = image(1);

    /** An empty index, the same during one test. */
    protected abstract WritableIndex index() throws IOException;

    private static CatalogImage named(int number, String name) {
        return new CatalogImage(
                image(number),
                TestCatalog.lineage(number),
                new ImageName(name),
                ImageLife.LIVE,
                1 << 20,
                TestCatalog.GEOMETRY,
                DigestAlgorithm.SHA_256,
                number % 2 == 0
                        ? Optional.empty()
                        : Optional.of(new Backing(image(9), TestCatalog.lineage(9), new Sequence(5))),
                ImageSettings.DEFAULT,
                new Placement(TestCatalog.NODE, List.of(new NodeId("a"), new NodeId("b"))),
                Sequence.NONE,
                11,
                12);
    }

    private void create(CatalogImage image) throws IOException {
        index().write(
                        List.of(
                                new CatalogChange.ImageSet(image),
                                new CatalogChange.NameGiven(image.name(), image.id())),
                        position(1));
    }

    private void write(CatalogChange... changes) throws IOException {
        index().write(List.of(changes), position(2));
    }

    private static Snapshot snapshot(ImageId image, String name) {
        return new Snapshot(image, new SnapshotName(name), new Sequence(5), 6, 7);
    }

    private static Checkpoint checkpoint(ImageId image, long sequence, String holder) {
        return new Checkpoint(image, new Sequence(sequence), new NodeId(holder), new Digest(1, 2), 3, 4);
    }

    private static FlushPoint flush(long sequence) {
        return new FlushPoint(new Sequence(sequence), 1000 * sequence);
    }

    // ---- the catalog

    @Test
    void anEmptyIndexKnowsNothing() throws IOException {
        assertThat(index().image(IMAGE)).isEmpty();
        assertThat(index().image(new ImageName("a"))).isEmpty();
        assertThat(index().imagesByName(Optional.empty(), 10)).isEmpty();
        assertThat(index().imagesById(Optional.empty(), 10)).isEmpty();
        assertThat(index().liveImages()).isZero();
        assertThat(index().node(TestCatalog.NODE)).isEmpty();
        assertThat(index().nodes()).isEmpty();
        assertThat(index().imagesPlacedOn(TestCatalog.NODE, Optional.empty(), 10))
                .isEmpty();
        assertThat(index().snapshots(IMAGE)).isEmpty();
        assertThat(index().checkpoints(IMAGE)).isEmpty();
        assertThat(index().clones(IMAGE)).isEmpty();
        assertThat(index().catalogPosition()).isEmpty();
        assertThat(index().indexed(IMAGE)).isEmpty();
        assertThat(index().flushPointAtOrBefore(IMAGE, new Sequence(9))).isEmpty();
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(9))).isEmpty();
        assertThat(index().placeAtOrBeforeTime(IMAGE, Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void anImageIsFoundByIdAndByTheNameThatItHasNow() throws IOException {
        CatalogImage image = named(1, "a");
        create(image);
        assertThat(index().image(IMAGE)).contains(image);
        assertThat(index().image(new ImageName("a"))).contains(image);
        CatalogImage renamed = image.withName(new ImageName("b"));
        write(
                new CatalogChange.NameFreed(image.name()),
                new CatalogChange.ImageSet(renamed),
                new CatalogChange.NameGiven(renamed.name(), IMAGE));
        assertThat(index().image(new ImageName("a"))).isEmpty();
        assertThat(index().image(new ImageName("b"))).contains(renamed);
        assertThat(index().catalogPosition()).contains(position(2));
    }

    @Test
    void theCountOfLiveImagesIsTheLastOne() throws IOException {
        write(new CatalogChange.LiveImagesSet(7), new CatalogChange.LiveImagesSet(300));
        assertThat(index().liveImages()).isEqualTo(300);
    }

    @Test
    void imagesAreListedPageByPage() throws IOException {
        List<String> names = List.of("A", "a", "a-1", "a.b", "b", "b0");
        for (int i = names.size() - 1; i >= 0; i--) {
            create(named(i, names.get(i)));
        }
        assertThat(index().imagesByName(Optional.empty(), 2))
                .extracting(image -> image.name().value())
                .containsExactly("A", "a");
        assertThat(index().imagesByName(Optional.of(new ImageName("a")), 3))
                .extracting(image -> image.name().value())
                .containsExactly("a-1", "a.b", "b");
        assertThat(index().imagesByName(Optional.of(new ImageName("a.c")), 3))
                .as("a name that no image has")
                .extracting(image -> image.name().value())
                .containsExactly("b", "b0");
        assertThat(index().imagesByName(Optional.of(new ImageName("b0")), 3)).isEmpty();
        assertThat(index().imagesByName(Optional.empty(), 0)).isEmpty();
    }

    @Test
    void allImagesAreListedByTheDigitsOfTheirIds() throws IOException {
        for (int number : new int[] {4, 3, 2, 1}) {
            create(named(number, "image-" + number));
        }
        write(
                new CatalogChange.NameFreed(new ImageName("image-2")),
                new CatalogChange.ImageSet(named(2, "image-2").withLife(ImageLife.PURGED, 13)));
        assertThat(index().imagesById(Optional.empty(), 3))
                .extracting(CatalogImage::id)
                .containsExactly(image(2), image(4), image(3));
        assertThat(index().imagesById(Optional.of(image(4)), 3))
                .extracting(CatalogImage::id)
                .containsExactly(image(3), image(1));
    }

    private static CatalogNode node(String id, NodeRole role) {
        return new CatalogNode(
                new NodeId(id), Set.of(role), new Endpoint(id + ":10810"), new Endpoint(id + ":10809"), 1, false, 14);
    }

    @Test
    void nodesAreAsTheyWereSetLastAndInOrder() throws IOException {
        write(
                new CatalogChange.NodeSet(node("b", NodeRole.OWNER)),
                new CatalogChange.NodeSet(node("a-1", NodeRole.OWNER)),
                new CatalogChange.NodeSet(node("a", NodeRole.OWNER)),
                new CatalogChange.NodeSet(node("a", NodeRole.REPLICA)));
        assertThat(index().node(new NodeId("a"))).contains(node("a", NodeRole.REPLICA));
        assertThat(index().nodes())
                .containsExactly(node("a", NodeRole.REPLICA), node("a-1", NodeRole.OWNER), node("b", NodeRole.OWNER));
        write(new CatalogChange.NodeRemoved(new NodeId("a-1")));
        assertThat(index().node(new NodeId("a-1"))).isEmpty();
        assertThat(index().nodes()).hasSize(2);
    }

    private List<ImageId> placedOn(String node, Optional<ImageId> after, int limit) throws IOException {
        return index().imagesPlacedOn(new NodeId(node), after, limit).stream()
                .map(CatalogImage::id)
                .toList();
    }

    // Deliberate bug: the images of a node are those of all nodes whose id begins as its id does.
    @Test
    void imagesThatArePlacedOnANodeAreListedPageByPage() throws IOException {
        for (int number = 1; number <= 4; number++) {
            create(named(number, "image-" + number));
            write(new CatalogChange.PlacedOn(new NodeId("a"), image(number)));
        }
        write(
                new CatalogChange.PlacedOn(new NodeId("a-1"), image(1)),
                new CatalogChange.PlacedOn(new NodeId("a1"), image(2)),
                new CatalogChange.PlacedOn(new NodeId("0"), image(3)));
        assertThat(placedOn("a", Optional.empty(), 3)).containsExactly(image(2), image(4), image(3));
        assertThat(placedOn("a", Optional.of(image(3)), 3)).containsExactly(image(1));
        assertThat(placedOn("a", Optional.of(image(1)), 3)).isEmpty();
        assertThat(placedOn("a-1", Optional.empty(), 3)).containsExactly(image(1));
        assertThat(placedOn("a-1", Optional.of(image(2)), 3))
                .as("behind an image elsewhere")
                .containsExactly(image(1));
        write(new CatalogChange.NotPlacedOn(new NodeId("a"), image(4)));
        assertThat(placedOn("a", Optional.empty(), 9)).containsExactly(image(2), image(3), image(1));
        assertThat(index().imagesPlacedOn(new NodeId("a1"), Optional.empty(), 1))
                .containsExactly(named(2, "image-2"));
        assertThat(placedOn("a", Optional.empty(), 0)).isEmpty();
    }

    @Test
    void whatBelongsToOneImageIsNotAnothersAndIsInOrder() throws IOException {
        ImageId next = ImageId.of(-1, 2);
        write(
                new CatalogChange.SnapshotSet(snapshot(IMAGE, "b")),
                new CatalogChange.SnapshotSet(snapshot(IMAGE, "a")),
                new CatalogChange.SnapshotSet(snapshot(next, "c")),
                new CatalogChange.CheckpointSet(checkpoint(IMAGE, 300, "a")),
                new CatalogChange.CheckpointSet(checkpoint(IMAGE, 20, "b")),
                new CatalogChange.CheckpointSet(checkpoint(IMAGE, 20, "a")),
                new CatalogChange.CheckpointSet(checkpoint(next, 20, "a")),
                new CatalogChange.CloneSet(new CloneOf(IMAGE, image(3), new Sequence(1))),
                new CatalogChange.CloneSet(new CloneOf(IMAGE, image(2), new Sequence(1))),
                new CatalogChange.CloneSet(new CloneOf(next, image(4), new Sequence(1))));
        assertThat(index().snapshots(IMAGE)).containsExactly(snapshot(IMAGE, "a"), snapshot(IMAGE, "b"));
        assertThat(index().snapshot(IMAGE, new SnapshotName("b"))).contains(snapshot(IMAGE, "b"));
        assertThat(index().snapshot(IMAGE, new SnapshotName("c"))).isEmpty();
        assertThat(index().checkpoints(IMAGE))
                .containsExactly(checkpoint(IMAGE, 20, "a"), checkpoint(IMAGE, 20, "b"), checkpoint(IMAGE, 300, "a"));
        assertThat(index().clones(IMAGE))
                .containsExactly(
                        new CloneOf(IMAGE, image(2), new Sequence(1)), new CloneOf(IMAGE, image(3), new Sequence(1)));
        write(
                new CatalogChange.SnapshotRemoved(IMAGE, new SnapshotName("b")),
                new CatalogChange.CheckpointRemoved(IMAGE, new Sequence(20), new NodeId("a")),
                new CatalogChange.CloneRemoved(IMAGE, image(3)));
        assertThat(index().snapshots(IMAGE)).containsExactly(snapshot(IMAGE, "a"));
        assertThat(index().checkpoints(IMAGE)).containsExactly(checkpoint(IMAGE, 20, "b"), checkpoint(IMAGE, 300, "a"));
        assertThat(index().clones(IMAGE)).containsExactly(new CloneOf(IMAGE, image(2), new Sequence(1)));
    }

    // ---- places

    private TestLog indexedLog() throws IOException {
        create(named(1, "a"));
        create(named(2, "b"));
        TestLog log = TestLog.of(1, 400);
        index().write(new IndexedRun(
                IMAGE, Optional.empty(), List.of(flush(9)), List.of(log.at(64), log.at(128)), log.at(130)));
        index().write(new IndexedRun(
                IMAGE, Optional.of(log.at(130)), List.of(flush(300)), List.of(log.at(320)), log.at(400)));
        TestLog other = TestLog.of(2, 10);
        index().write(new IndexedRun(image(2), Optional.empty(), List.of(), List.of(other.at(10)), other.at(10)));
        return log;
    }

    @Test
    void theLastPlaceAndTheLastFlushPointBeforeAPointAreFound() throws IOException {
        TestLog log = indexedLog();
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(63))).isEmpty();
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(64))).contains(log.at(64));
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(319))).contains(log.at(128));
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(Long.MAX_VALUE))).contains(log.at(320));
        assertThat(index().flushPointAtOrBefore(IMAGE, new Sequence(8))).isEmpty();
        assertThat(index().flushPointAtOrBefore(IMAGE, new Sequence(299))).contains(flush(9));
        assertThat(index().flushPointAtOrBefore(IMAGE, new Sequence(300))).contains(flush(300));
        assertThat(index().indexed(IMAGE)).contains(log.at(400));
        assertThat(index().flushPointAtOrBefore(image(2), new Sequence(300))).isEmpty();
    }

    @Test
    void theLastPlaceBeforeATimeIsFound() throws IOException {
        TestLog log = indexedLog();
        assertThat(index().placeAtOrBeforeTime(IMAGE, 64_000_000 - 1)).isEmpty();
        assertThat(index().placeAtOrBeforeTime(IMAGE, 64_000_000)).contains(log.at(64));
        assertThat(index().placeAtOrBeforeTime(IMAGE, 320_000_000 - 1)).contains(log.at(128));
        assertThat(index().placeAtOrBeforeTime(IMAGE, Long.MAX_VALUE)).contains(log.at(320));
    }

    @Test
    void ofPlacesOfOneTimeTheLastIsFound() throws IOException {
        create(named(1, "a"));
        TestLog log = new TestLog(1);
        for (int i = 0; i < 4; i++) {
            log.event(5, false);
        }
        index().write(new IndexedRun(
                IMAGE, Optional.empty(), List.of(), List.of(log.at(2), log.at(3), log.at(4)), log.at(4)));
        assertThat(index().placeAtOrBeforeTime(IMAGE, 5)).contains(log.at(4));
    }

    // Deliberate bug: places below a floor stay, or their times do.
    @Test
    void belowAFloorNothingIsLeft() throws IOException {
        TestLog log = indexedLog();
        write(
                new CatalogChange.ImageSet(named(1, "a").withFloor(new Sequence(128))),
                new CatalogChange.HistoryDropped(IMAGE, new Sequence(128)));
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(127))).isEmpty();
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(128))).contains(log.at(128));
        assertThat(index().placeAtOrBeforeTime(IMAGE, 128_000_000 - 1)).isEmpty();
        assertThat(index().placeAtOrBeforeTime(IMAGE, 128_000_000)).contains(log.at(128));
        assertThat(index().flushPointAtOrBefore(IMAGE, new Sequence(299))).isEmpty();
        assertThat(index().flushPointAtOrBefore(IMAGE, new Sequence(300))).contains(flush(300));
        assertThat(index().placeAtOrBefore(image(2), new Sequence(10))).isPresent();
        write(
                new CatalogChange.ImageSet(named(1, "a").withFloor(new Sequence(400))),
                new CatalogChange.HistoryDropped(IMAGE, new Sequence(400)));
        assertThat(index().placeAtOrBeforeTime(IMAGE, Long.MAX_VALUE)).isEmpty();
        assertThat(index().indexed(IMAGE)).contains(log.at(400));
    }

    // Deliberate bug: a run is written as it is, whatever the floor has become.
    @Test
    void aRunThatComesAfterTheFloorBringsNothingFromBelowIt() throws IOException {
        create(named(1, "a").withFloor(new Sequence(100)));
        TestLog log = TestLog.of(1, 200);
        index().write(new IndexedRun(
                IMAGE,
                Optional.empty(),
                List.of(flush(99), flush(100)),
                List.of(log.at(64), log.at(128)),
                log.at(200)));
        assertThat(index().flushPointAtOrBefore(IMAGE, new Sequence(99))).isEmpty();
        assertThat(index().flushPointAtOrBefore(IMAGE, new Sequence(200))).contains(flush(100));
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(127))).isEmpty();
        assertThat(index().placeAtOrBeforeTime(IMAGE, 127_000_000)).isEmpty();
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(200))).contains(log.at(128));
    }

    // Deliberate bug: a run of a purged image brings it back.
    @Test
    void ofAPurgedImageNothingIsLeftAndNothingComesBack() throws IOException {
        TestLog log = indexedLog();
        write(
                new CatalogChange.SnapshotSet(snapshot(IMAGE, "a")),
                new CatalogChange.SnapshotSet(snapshot(image(2), "a")),
                new CatalogChange.CheckpointSet(checkpoint(IMAGE, 20, "a")));
        write(
                new CatalogChange.NameFreed(new ImageName("a")),
                new CatalogChange.ImageSet(named(1, "a").withLife(ImageLife.PURGED, 13)),
                new CatalogChange.HistoryForgotten(IMAGE));
        index().write(new IndexedRun(
                IMAGE, Optional.of(log.at(400)), List.of(flush(400)), List.of(log.at(400)), log.at(400)));
        assertThat(index().image(IMAGE)).map(CatalogImage::life).contains(ImageLife.PURGED);
        assertThat(index().snapshots(IMAGE)).isEmpty();
        assertThat(index().checkpoints(IMAGE)).isEmpty();
        assertThat(index().indexed(IMAGE)).isEmpty();
        assertThat(index().placeAtOrBefore(IMAGE, new Sequence(400))).isEmpty();
        assertThat(index().placeAtOrBeforeTime(IMAGE, Long.MAX_VALUE)).isEmpty();
        assertThat(index().flushPointAtOrBefore(IMAGE, new Sequence(400))).isEmpty();
        assertThat(index().snapshots(image(2))).hasSize(1);
        assertThat(index().indexed(image(2))).isPresent();
    }

    @Test
    void aRunThatDoesNotContinueTheLastIsRefused() throws IOException {
        TestLog log = indexedLog();
        for (Optional<FoldState> from : List.of(Optional.<FoldState>empty(), Optional.of(log.at(130)))) {
            IndexedRun run = new IndexedRun(IMAGE, from, List.of(), List.of(), log.at(400));
            assertThatThrownBy(() -> index().write(run)).isInstanceOf(IllegalStateException.class);
        }
        TestLog unknown = TestLog.of(5, 1);
        IndexedRun run = new IndexedRun(image(5), Optional.empty(), List.of(), List.of(), unknown.at(1));
        assertThatThrownBy(() -> index().write(run))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not in the catalog");
    }
}
