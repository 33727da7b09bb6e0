package io.qedstore.backing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.Backing;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.Sequence;
import io.qedstore.hosting.BaseMissingException;
import io.qedstore.hosting.RebuildSources;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.TestCatalog;
import io.qedstore.log.LogException;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.file.FileView;
import io.qedstore.rebuild.HistoryLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bases of a node, in one thread. */
class BaseFilesTest {
    private static final int MANY_STEPS = 8;

    private final Path folder;
    private final HistoryLog log = new HistoryLog(new Random(3), 20);
    private final Backing backing = new Backing(log.image.id(), log.image.lineage(), new Sequence(9));
    private BaseFiles files;
    private long nowNanos = 1;
    private boolean isLogAway;
    private int opened;

    BaseFilesTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.files = files(BaseSteps.NONE);
    }

    @BeforeEach
    void put() throws IOException {
        log.index.write(List.of(new CatalogChange.ImageSet(log.image)), TestCatalog.position(1));
    }

    @AfterEach
    void close() {
        files.close();
    }

    private BaseFiles files(BaseSteps steps) {
        return new BaseFiles(
                folder,
                new RebuildSources(
                        log.index,
                        image -> {
                            opened++;
                            if (isLogAway) {
                                throw new LogException.Unavailable("no broker answers");
                            }
                            return log;
                        },
                        List.of()),
                true,
                Runnable::run,
                () -> nowNanos,
                () -> {},
                steps);
    }

    private CatalogImage clone(int number) {
        CatalogImage base = log.image;
        return new CatalogImage(
                ImageId.of(77, number),
                LineageId.of(78, number),
                base.name(),
                base.life(),
                base.sizeBytes(),
                base.geometry(),
                base.digestAlgorithm(),
                Optional.of(backing),
                base.settings(),
                base.placement(),
                Sequence.NONE,
                1,
                1);
    }

    private void turn(CatalogImage... placed) {
        nowNanos += Duration.ofSeconds(10).toNanos();
        files.turn(() -> List.of(placed));
    }

    private void restart() {
        files.close();
        files = files(BaseSteps.NONE);
    }

    private Path file() {
        return folder.resolve(backing.fileName());
    }

    private byte[] expected() throws IOException {
        return log.bytesBehind(9);
    }

    private byte[] read() throws IOException {
        try (GuestImage image = files.open(backing)) {
            FileView view = image.view();
            ByteBuffer all = ByteBuffer.allocate((int) view.length());
            view.read(0, all);
            return all.array();
        }
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int before = bytes.read();
            bytes.seek(at);
            bytes.write(before ^ 4);
        }
    }

    @Test
    void aBaseIsTheFileBehindItsEventAndOneForAllClonesOfThatPoint() throws IOException {
        assertThatThrownBy(() -> files.open(backing))
                .isInstanceOf(BaseMissingException.class)
                .hasMessageContaining("waiting for its base " + backing.fileName());
        turn(clone(1), clone(2));
        assertThat(Files.readAllBytes(file())).isEqualTo(expected());
        assertThat(read()).isEqualTo(expected());
        assertThat(files.missing(backing)).isEmpty();
        assertThat(opened).isEqualTo(1);
        turn(clone(1));
        restart();
        turn(clone(1));
        assertThat(read()).isEqualTo(expected());
        assertThat(opened).as("it is there").isEqualTo(1);
    }

    @Test
    void aBaseGoesWithTheLastImageThatNeedsItAndNothingElseDoes() throws IOException {
        Path others = Files.writeString(folder.resolve(log.image.id() + ".qed"), "the base itself");
        Files.writeString(folder.resolve(log.image.id() + "-7.qed.part"), "left by a node that was killed");
        turn(clone(1), clone(2));
        assertThat(left()).hasSize(4).contains(others, file());
        turn(clone(2));
        assertThat(read()).isEqualTo(expected());
        GuestImage open = files.open(backing);
        turn();
        assertThat(left()).containsExactly(others);
        assertThatThrownBy(() -> open.view().read(0, ByteBuffer.allocate(1))).hasMessageContaining("not on this node");
        turn(clone(3));
        assertThat(read()).isEqualTo(expected());
    }

    @Test
    void aBaseThatIsHeldStaysWithoutAnyImage() throws IOException {
        try (BaseFiles.Hold hold = files.make(backing)) {
            turn();
            assertThat(hold.open().sizeBytes()).isPositive();
            assertThat(read()).isEqualTo(expected());
        }
        turn();
        assertThat(left()).isEmpty();
    }

    // Deliberate bug: the file is read as it is.
    @Test
    void whatIsDamagedIsRestoredFromTheLogBeforeItIsRead() throws IOException {
        turn(clone(1));
        for (long at = 0; at < expected().length; at += 4096) {
            flip(file(), at + 17);
        }
        assertThat(read()).isEqualTo(expected());
        assertThat(Files.readAllBytes(file())).isEqualTo(expected());
    }

    @Test
    void aScrubFindsWhatNobodyReads() throws IOException {
        BaseScrub scrub = new BaseScrub(files, Duration.ofHours(1), 1 << 30, () -> nowNanos);
        turn(clone(1));
        scrub.turn();
        for (long at = 0; at < expected().length; at += 4096) {
            flip(file(), at + 17);
        }
        scrub.turn();
        assertThat(Files.readAllBytes(file())).as("its time has not come").isNotEqualTo(expected());
        nowNanos += Duration.ofHours(2).toNanos();
        scrub.turn();
        assertThat(Files.readAllBytes(file())).isEqualTo(expected());
    }

    // Deliberate bug: a base that cannot be mended is not made anew.
    @Test
    void whatCannotBeRestoredIsNotReadUntilTheBaseIsMadeAnew() throws IOException {
        turn(clone(1));
        flip(file(), 17);
        isLogAway = true;
        assertThatThrownBy(this::read).hasMessageContaining("not what was written there");
        turn(clone(1));
        assertThatThrownBy(this::read).hasMessageContaining("not what was written there");
        isLogAway = false;
        turn(clone(1));
        assertThat(read()).isEqualTo(expected());
        assertThat(Files.readAllBytes(file())).isEqualTo(expected());
    }

    private interface Damage {
        void to(Path file) throws IOException;
    }

    // Deliberate bug: whether the file is there is all that is asked.
    @Test
    void whatIsNotWholeAtAStartIsMadeAnew() throws IOException {
        Path sums = folder.resolve(backing.fileName().replace("qed", "sums"));
        Path seal = folder.resolve(backing.fileName().replace("qed", "seal"));
        List<Damage> all = List.of(
                Files::delete,
                whole -> Files.delete(sums),
                whole -> Files.delete(seal),
                whole -> flip(sums, 3),
                whole -> flip(seal, 20),
                whole -> Files.write(seal, new byte[0]),
                whole -> Files.write(whole, new byte[4096]));
        for (Damage damage : all) {
            turn(clone(1));
            int before = opened;
            files.close();
            damage.to(file());
            files = files(BaseSteps.NONE);
            turn(clone(1));
            assertThat(read()).isEqualTo(expected());
            assertThat(opened).isGreaterThan(before);
        }
    }

    @Test
    void aFileThatGoesWhileItIsUsedIsMadeAnew() throws IOException {
        turn(clone(1));
        GuestImage open = files.open(backing);
        Files.delete(file());
        turn(clone(1));
        assertThat(Files.readAllBytes(file())).isEqualTo(expected());
        ByteBuffer start = ByteBuffer.allocate(4096);
        open.view().read(0, start);
        assertThat(start.array()).isEqualTo(java.util.Arrays.copyOf(expected(), 4096));
    }

    @Test
    void withoutALogItSaysWhatItWaitsForAndIsMadeLater() throws IOException {
        isLogAway = true;
        turn(clone(1));
        assertThat(files.missing(backing).orElseThrow()).contains("no broker answers");
        assertThatThrownBy(() -> files.open(backing))
                .isInstanceOf(BaseMissingException.class)
                .hasMessageContaining("no broker answers");
        assertThatThrownBy(() -> files.make(backing)).hasMessageContaining("no broker answers");
        isLogAway = false;
        turn(clone(1));
        assertThat(read()).isEqualTo(expected());
    }

    @Test
    void whereverANodeIsKilledTheNextOneHasTheWholeBaseOrNothing() throws IOException {
        for (int steps = 0; steps < MANY_STEPS; steps++) {
            for (boolean isNeededAgain : new boolean[] {false, true}) {
                int[] left = {steps};
                files.close();
                files = files(step -> {
                    if (left[0]-- == 0) {
                        throw new IOException("killed at " + step);
                    }
                });
                turn(clone(1));
                if (left[0] >= 0) {
                    turn();
                }
                restart();
                if (isNeededAgain) {
                    turn(clone(1));
                    assertThat(read()).isEqualTo(expected());
                }
                turn();
                assertThat(left()).as("after " + steps + " steps").isEmpty();
            }
        }
    }
}
