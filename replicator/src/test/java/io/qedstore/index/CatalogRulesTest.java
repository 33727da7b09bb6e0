package io.qedstore.index;

import static io.qedstore.index.TestCatalog.created;
import static io.qedstore.index.TestCatalog.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.digest.Digest;
import io.qedstore.event.Backing;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogEvent.CheckpointDropped;
import io.qedstore.event.CatalogEvent.CheckpointMade;
import io.qedstore.event.CatalogEvent.HistoryFloor;
import io.qedstore.event.CatalogEvent.ImageConfigured;
import io.qedstore.event.CatalogEvent.ImageDeleted;
import io.qedstore.event.CatalogEvent.ImagePoint;
import io.qedstore.event.CatalogEvent.ImagePurged;
import io.qedstore.event.CatalogEvent.ImageRenamed;
import io.qedstore.event.CatalogEvent.ImageResized;
import io.qedstore.event.CatalogEvent.ImageUndeleted;
import io.qedstore.event.CatalogEvent.RewindBegun;
import io.qedstore.event.CatalogEvent.RewindEnded;
import io.qedstore.event.CatalogEvent.SnapshotCreated;
import io.qedstore.event.CatalogEvent.SnapshotDeleted;
import io.qedstore.event.CatalogEvent.SnapshotsCreated;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.ImageSettings.Limits;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which records of the catalog count. */
class CatalogRulesTest {
    private static final ImageId ONE = image(1);
    private static final ImageId TWO = image(2);

    private final JudgedCatalog catalog = new JudgedCatalog();
    private final InMemoryIndex index = catalog.index();

    @BeforeEach
    void announce() {
        applied(TestCatalog.announced(TestCatalog.NODE));
    }

    private void applied(CatalogEvent event) {
        catalog.applied(event);
    }

    private void isVoid(CatalogVerdict verdict, CatalogEvent event) {
        catalog.isVoid(verdict, event);
    }

    private static SnapshotCreated snapshot(ImageId image, String name, long sequence) {
        return new SnapshotCreated(image, new SnapshotName(name), new Sequence(sequence), 9);
    }

    private static CheckpointMade checkpoint(ImageId image, String holder, long sequence) {
        return new CheckpointMade(image, new NodeId(holder), new Sequence(sequence), new Digest(1, 2), 3, 0);
    }

    private static HistoryFloor floor(ImageId image, long sequence) {
        return new HistoryFloor(image, new Sequence(sequence));
    }

    private static Optional<Backing> over(int base, long sequence) {
        return Optional.of(new Backing(image(base), TestCatalog.lineage(base), new Sequence(sequence)));
    }

    private ImageId named(String name) {
        return index.image(new ImageName(name)).orElseThrow().id();
    }

    // Deliberate bug: a name is given to whoever comes last.
    @Test
    void ofTwoImagesOfOneNameTheFirstWins() {
        applied(created(1, "vm1"));
        isVoid(CatalogVerdict.NAME_TAKEN, created(2, "vm1"));
        assertThat(named("vm1")).isEqualTo(ONE);
        assertThat(index.image(TWO)).isEmpty();
        isVoid(CatalogVerdict.ID_TAKEN, created(1, "vm2"));
    }

    @Test
    void anImageIsRenamedToAFreeNameOnly() {
        applied(created(1, "a"));
        applied(created(2, "b"));
        isVoid(CatalogVerdict.NAME_TAKEN, new ImageRenamed(ONE, new ImageName("b")));
        isVoid(CatalogVerdict.NAME_TAKEN, new ImageRenamed(ONE, new ImageName("a")));
        applied(new ImageRenamed(ONE, new ImageName("c")));
        assertThat(named("c")).isEqualTo(ONE);
        assertThat(index.image(new ImageName("a"))).isEmpty();
        applied(new ImageRenamed(TWO, new ImageName("a")));
        isVoid(CatalogVerdict.NO_SUCH_IMAGE, new ImageRenamed(image(3), new ImageName("z")));
    }

    @Test
    void imagesGrow() {
        applied(created(1, "a"));
        isVoid(CatalogVerdict.NOT_LARGER, new ImageResized(ONE, 1 << 20));
        isVoid(CatalogVerdict.SIZE_IMPOSSIBLE, new ImageResized(ONE, (2 << 20) + 1));
        isVoid(CatalogVerdict.SIZE_IMPOSSIBLE, new ImageResized(ONE, Long.MAX_VALUE - 511));
        applied(new ImageResized(ONE, 2 << 20));
        assertThat(index.image(ONE)).map(CatalogImage::sizeBytes).contains(2L << 20);
    }

    @Test
    void theSettingsOfALiveImageAreReplaced() {
        ImageSettings settings = new ImageSettings(
                CacheMode.WRITEBACK,
                AttachMode.SHARED,
                FailoverMode.AUTO,
                new Limits(OptionalLong.of(100), OptionalLong.empty()));
        isVoid(CatalogVerdict.NO_SUCH_IMAGE, new ImageConfigured(ONE, settings));
        applied(created(1, "a"));
        assertThat(index.image(ONE)).map(CatalogImage::settings).contains(ImageSettings.DEFAULT);
        applied(new ImageConfigured(ONE, settings));
        assertThat(index.image(ONE)).map(CatalogImage::settings).contains(settings);
        applied(new ImageDeleted(ONE));
        isVoid(CatalogVerdict.IN_TRASH, new ImageConfigured(ONE, ImageSettings.DEFAULT));
    }

    // Deliberate bug: a deleted image keeps its name.
    @Test
    void aDeletedImageFreesItsNameAndComesBackUnderAFreeOne() {
        applied(created(1, "vm1"));
        isVoid(CatalogVerdict.NOT_IN_TRASH, new ImageUndeleted(ONE, new ImageName("vm2")));
        applied(new ImageDeleted(ONE));
        isVoid(CatalogVerdict.IN_TRASH, new ImageDeleted(ONE));
        isVoid(CatalogVerdict.IN_TRASH, new ImageRenamed(ONE, new ImageName("vm2")));
        isVoid(CatalogVerdict.IN_TRASH, snapshot(ONE, "s", 1));
        applied(created(2, "vm1"));
        isVoid(CatalogVerdict.NAME_TAKEN, new ImageUndeleted(ONE, new ImageName("vm1")));
        applied(new ImageUndeleted(ONE, new ImageName("vm1-old")));
        assertThat(named("vm1-old")).isEqualTo(ONE);
        assertThat(named("vm1")).isEqualTo(TWO);
    }

    @Test
    void whatIsPurgedIsGoneForEver() {
        applied(created(1, "vm1"));
        applied(snapshot(ONE, "s", 1));
        isVoid(CatalogVerdict.NOT_IN_TRASH, new ImagePurged(ONE, 0));
        applied(new ImageDeleted(ONE));
        applied(new ImagePurged(ONE, 0));
        isVoid(CatalogVerdict.PURGED, new ImageUndeleted(ONE, new ImageName("vm1")));
        isVoid(CatalogVerdict.PURGED, new ImagePurged(ONE, 0));
        isVoid(CatalogVerdict.PURGED, checkpoint(ONE, "n", 1));
        isVoid(CatalogVerdict.PURGED, floor(ONE, 1));
        isVoid(CatalogVerdict.ID_TAKEN, created(1, "vm1"));
        assertThat(index.snapshots(ONE)).isEmpty();
        assertThat(index.image(ONE)).map(CatalogImage::life).contains(ImageLife.PURGED);
    }

    // Deliberate bug: a purge that was on its way for long takes what was deleted anew meanwhile.
    @Test
    void aPurgeIsOfOneStayInTheTrash() {
        applied(created(1, "vm1"));
        applied(new ImageDeleted(ONE));
        long first = index.image(ONE).orElseThrow().lifeMicros();
        applied(new ImageUndeleted(ONE, new ImageName("vm1")));
        applied(new ImageDeleted(ONE));
        isVoid(CatalogVerdict.NOT_IN_TRASH, new ImagePurged(ONE, first));
        applied(new ImagePurged(ONE, index.image(ONE).orElseThrow().lifeMicros()));
    }

    // Deliberate bug: a clone in the trash does not hold its base.
    @Test
    void aBaseIsPurgedAfterItsClones() {
        applied(created(1, "base"));
        applied(created(2, "clone", over(1, 5)));
        applied(new ImageDeleted(TWO));
        applied(new ImageDeleted(ONE));
        isVoid(CatalogVerdict.HAS_CLONES, new ImagePurged(ONE, 0));
        applied(new ImagePurged(TWO, 0));
        applied(new ImagePurged(ONE, 0));
    }

    // Deliberate bug: nobody looks for clones when an image is deleted.
    @Test
    void aBaseOfLiveClonesIsNotDeletedAndTheirNamesAreSaid() {
        applied(created(1, "base"));
        applied(created(2, "clone", over(1, 5)));
        applied(created(3, "another", over(1, 7)));
        assertThat(catalog.isVoid(CatalogVerdict.HAS_CLONES, new ImageDeleted(ONE)))
                .contains("another, clone")
                .contains("delete those");
        applied(new ImageDeleted(TWO));
        applied(new ImageDeleted(image(3)));
        applied(new ImageDeleted(ONE));
        isVoid(CatalogVerdict.IN_TRASH, new ImageUndeleted(TWO, new ImageName("clone")));
        applied(new ImageUndeleted(ONE, new ImageName("base")));
        applied(new ImageUndeleted(TWO, new ImageName("clone")));
    }

    @Test
    void aCloneLiesOverALiveImageOfTheSameLineage() {
        isVoid(CatalogVerdict.NO_SUCH_IMAGE, created(2, "clone", over(1, 5)));
        applied(created(1, "base"));
        Backing other = new Backing(ONE, TestCatalog.lineage(77), new Sequence(5));
        isVoid(CatalogVerdict.OTHER_LINEAGE, created(2, "clone", Optional.of(other)));
        applied(floor(ONE, 6));
        isVoid(CatalogVerdict.BELOW_FLOOR, created(2, "clone", over(1, 5)));
        applied(new ImageDeleted(ONE));
        isVoid(CatalogVerdict.IN_TRASH, created(2, "clone", over(1, 6)));
        assertThat(index.clones(ONE)).isEmpty();
    }

    @Test
    void ofTwoSnapshotsOfOneNameTheFirstWins() {
        applied(created(1, "a"));
        applied(created(2, "b"));
        applied(snapshot(ONE, "s", 5));
        applied(snapshot(TWO, "s", 5));
        isVoid(CatalogVerdict.SNAPSHOT_NAME_TAKEN, snapshot(ONE, "s", 6));
        isVoid(CatalogVerdict.NO_SUCH_SNAPSHOT, new SnapshotDeleted(ONE, new SnapshotName("t")));
        applied(new SnapshotDeleted(ONE, new SnapshotName("s")));
        applied(snapshot(ONE, "s", 6));
        assertThat(index.snapshots(TWO)).hasSize(1);
    }

    // Deliberate bug: only the snapshots of live images hold a floor down.
    @Test
    void aFloorAndAPinBelowItExcludeEachOther() {
        applied(created(1, "a"));
        applied(snapshot(ONE, "s", 5));
        isVoid(CatalogVerdict.ABOVE_PIN, floor(ONE, 6));
        applied(floor(ONE, 5));
        isVoid(CatalogVerdict.BELOW_FLOOR, snapshot(ONE, "t", 4));
        applied(snapshot(ONE, "t", 5));
        isVoid(CatalogVerdict.FLOOR_NOT_RAISED, floor(ONE, 5));
        applied(new ImageDeleted(ONE));
        isVoid(CatalogVerdict.ABOVE_PIN, floor(ONE, 6));
        applied(new ImageUndeleted(ONE, new ImageName("a")));
        applied(new SnapshotDeleted(ONE, new SnapshotName("s")));
        applied(new SnapshotDeleted(ONE, new SnapshotName("t")));
        applied(floor(ONE, 6));
        assertThat(index.image(ONE)).map(CatalogImage::floor).contains(new Sequence(6));
    }

    @Test
    void snapshotsOfSeveralImagesAreAllTakenOrNone() {
        applied(created(1, "one"));
        applied(created(2, "two"));
        applied(snapshot(TWO, "s", 5));
        SnapshotsCreated both = new SnapshotsCreated(
                new SnapshotName("s"),
                List.of(new ImagePoint(ONE, new Sequence(3), 9), new ImagePoint(TWO, new Sequence(4), 9)));
        isVoid(CatalogVerdict.SNAPSHOT_NAME_TAKEN, both);
        assertThat(index.snapshots(ONE)).isEmpty();
        applied(new SnapshotDeleted(TWO, new SnapshotName("s")));
        applied(both);
        assertThat(index.snapshots(ONE)).extracting(Snapshot::sequence).containsExactly(new Sequence(3));
        assertThat(index.snapshots(TWO)).extracting(Snapshot::sequence).containsExactly(new Sequence(4));
    }

    @Test
    void aRewindHoldsItsPointAndNothingNamesWhatIsHalfDone() {
        applied(created(1, "one"));
        isVoid(CatalogVerdict.NOT_REWINDING, new RewindEnded(ONE, new Sequence(5), new Sequence(8)));
        applied(new RewindBegun(ONE, new Sequence(5), new Sequence(8)));
        assertThat(index.image(ONE))
                .flatMap(CatalogImage::rewind)
                .contains(new CatalogImage.Rewind(new Sequence(5), new Sequence(8)));
        isVoid(CatalogVerdict.REWINDING, new RewindBegun(ONE, new Sequence(6), new Sequence(9)));
        isVoid(CatalogVerdict.ABOVE_PIN, floor(ONE, 6));
        isVoid(CatalogVerdict.REWINDING, snapshot(ONE, "half", 9));
        isVoid(CatalogVerdict.REWINDING, created(2, "clone", over(1, 9)));
        applied(snapshot(ONE, "before", 8));
        isVoid(CatalogVerdict.NOT_REWINDING, new RewindEnded(ONE, new Sequence(6), new Sequence(8)));
        isVoid(CatalogVerdict.NOT_REWINDING, new RewindEnded(ONE, new Sequence(5), new Sequence(7)));
        applied(new RewindEnded(ONE, new Sequence(5), new Sequence(8)));
        applied(snapshot(ONE, "after", 12));
        applied(new SnapshotDeleted(ONE, new SnapshotName("before")));
        applied(floor(ONE, 6));
        isVoid(CatalogVerdict.BELOW_FLOOR, new RewindBegun(ONE, new Sequence(5), new Sequence(13)));
    }

    // Deliberate bug: clones hold no floor down.
    @Test
    void aCloneHoldsItsPointOfTheBase() {
        applied(created(1, "base"));
        applied(created(2, "clone", over(1, 5)));
        applied(new ImageDeleted(TWO));
        isVoid(CatalogVerdict.ABOVE_PIN, floor(ONE, 6));
        applied(floor(ONE, 5));
        applied(new ImagePurged(TWO, 0));
        applied(floor(ONE, 6));
    }

    @Test
    void checkpointsAreFactsAboutAnyImageThatIsThere() {
        applied(created(1, "a"));
        applied(checkpoint(ONE, "n1", 5));
        applied(checkpoint(ONE, "n2", 5));
        isVoid(CatalogVerdict.CHECKPOINT_KNOWN, checkpoint(ONE, "n1", 5));
        applied(new ImageDeleted(ONE));
        applied(checkpoint(ONE, "n1", 6));
        applied(new CheckpointDropped(ONE, new NodeId("n1"), new Sequence(5)));
        isVoid(CatalogVerdict.NO_SUCH_CHECKPOINT, new CheckpointDropped(ONE, new NodeId("n1"), new Sequence(5)));
        assertThat(index.checkpoints(ONE))
                .extracting(checkpoint -> checkpoint.holder() + " " + checkpoint.sequence())
                .containsExactly("n2 5", "n1 6");
    }

    @Test
    void whatIsNotUnderstoodIsNotJudged() {
        CatalogRecord unknown = new CatalogRecord(1, TestCatalog.NODE, new CatalogEvent.Unknown("x"));
        assertThatThrownBy(() -> CatalogRules.decide(unknown, index)).isInstanceOf(IllegalArgumentException.class);
    }
}
