package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.check.ConsistencyCheck;
import io.qedstore.qed.check.Finding;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a check finds and counts, each kind of damage by itself, and what repair makes of it. */
class ConsistencyCheckTest {
    private static final int CLUSTER = 4096;
    private static final long L1 = CLUSTER;

    /** The file: header, L1 (2), three data clusters, their L2 table (2), one data cluster far out, its L2 table. */
    private static final long FIRST_DATA = 3 * CLUSTER;

    private static final long FIRST_L2 = 6 * CLUSTER;
    private static final long SECOND_L2 = 9 * CLUSTER;

    private final MemoryImageFile file = new MemoryImageFile();
    private final List<Finding> findings = new ArrayList<>();

    @BeforeEach
    void createImage() throws IOException {
        new NewImage(new ImageGeometry(CLUSTER, 2), 64 << 20).createIn(file, HeaderLayout.FINAL);
        try (PlainImage image = open()) {
            image.write(0, ByteBuffer.wrap(new byte[3 * CLUSTER]));
            image.write(4 << 20, ByteBuffer.wrap(new byte[CLUSTER]));
            image.writeZeroes((4 << 20) + CLUSTER, CLUSTER);
        }
    }

    @Test
    void aCleanImageCountsItsClusters() throws IOException {
        CheckResult result = check(file);
        assertThat(result).isEqualTo(new CheckResult(16384, 4, 1, 0, 0, 0, 0, 0));
        assertThat(result.isClean()).isTrue();
    }

    @Test
    void anInvalidL1EntryLosesItsTableAndLeaksItsClusters() throws IOException {
        entry(L1, FIRST_L2 + 1);
        assertThat(check(file)).isEqualTo(new CheckResult(16384, 1, 1, 0, 1, 0, 5, 0));
        assertThat(findings).containsExactly(new Finding.InvalidL1Entry(L1, FIRST_L2 + 1));
    }

    @Test
    void anL1EntryBeyondTheImagesSizeIsCheckedToo() throws IOException {
        entry(L1 + 1000 * 8, 1);
        assertThat(check(file).corruptions()).isEqualTo(1);
    }

    @Test
    void invalidL2EntriesCountAsAllocatedAndFragmented() throws IOException {
        entry(FIRST_L2 + 8, FIRST_DATA + CLUSTER + 1);
        assertThat(check(file)).isEqualTo(new CheckResult(16384, 4, 1, 2, 1, 0, 1, 0));
        assertThat(findings).containsExactly(new Finding.InvalidL2Entry(FIRST_L2 + 8, FIRST_DATA + CLUSTER + 1));
    }

    @Test
    void aClusterThatTwoEntriesUseIsToldOnceAndNotMended() throws IOException {
        entry(FIRST_L2 + 8, FIRST_DATA);
        assertThat(check(file)).isEqualTo(new CheckResult(16384, 4, 1, 2, 1, 0, 1, 0));
        assertThat(findings).containsExactly(new Finding.DoubleReference(FIRST_L2 + 8, FIRST_DATA));
        assertThat(repair().corruptions()).isEqualTo(1);
    }

    @Test
    void aTableThatTwoL1EntriesShareIsWalkedOnce() throws IOException {
        entry(L1 + 2 * 8, SECOND_L2);
        assertThat(check(file)).isEqualTo(new CheckResult(16384, 4, 1, 0, 2, 0, 0, 0));
        assertThat(findings)
                .containsExactly(
                        new Finding.DoubleReference(L1 + 16, SECOND_L2),
                        new Finding.DoubleReference(L1 + 16, SECOND_L2 + CLUSTER));
    }

    @Test
    void anEntryThatPointsAtATableIsADoubleReference() throws IOException {
        entry(SECOND_L2, L1);
        assertThat(check(file)).isEqualTo(new CheckResult(16384, 4, 1, 0, 1, 0, 1, 0));
        assertThat(findings).containsExactly(new Finding.DoubleReference(SECOND_L2, L1));
    }

    @Test
    void clustersThatNothingUsesAreLeaks() throws IOException {
        file.setLength(file.length() + 3 * CLUSTER + 3585);
        assertThat(check(file)).isEqualTo(new CheckResult(16384, 4, 1, 0, 0, 0, 4, 0));
    }

    @Test
    void aZeroEntryIsInvalidInTheDraftLayout() throws IOException {
        QedHeader header = header();
        CheckResult result = ConsistencyCheck.run(file, header, false, 1 << 20, this::collect);
        assertThat(result.corruptions()).isEqualTo(1);
        assertThat(findings).containsExactly(new Finding.InvalidL2Entry(SECOND_L2 + 8, 1));
    }

    @Test
    void aTableThatCannotBeReadIsAnErrorOfTheCheckAndHidesLeaks() throws IOException {
        CheckResult result = check(new FailingAt(file, FIRST_L2));
        assertThat(result.checkErrors()).isEqualTo(1);
        assertThat(result.leaks()).isZero();
        assertThat(result.isClean()).isFalse();
        assertThat(findings).hasSize(1).first().isInstanceOf(Finding.UnreadableTable.class);
    }

    @Test
    void repairFreesWhatPointsNowhereAndLeavesLeaks() throws IOException {
        entry(L1 + 2 * 8, 12345);
        entry(FIRST_L2 + 8, file.length());
        CheckResult repaired = repair();
        assertThat(repaired.corruptionsFixed()).isEqualTo(2);
        assertThat(repaired.corruptions()).isZero();
        assertThat(check(file)).isEqualTo(new CheckResult(16384, 3, 1, 1, 0, 0, 1, 0));
        assertThat(findings).isEmpty();
    }

    private CheckResult repair() throws IOException {
        return PlainImage.repair(file, header());
    }

    private CheckResult check(FileView view) throws IOException {
        return ConsistencyCheck.run(view, header(), true, 1 << 20, this::collect);
    }

    private boolean collect(Finding finding) {
        findings.add(finding);
        return false;
    }

    private QedHeader header() throws IOException {
        return HeaderReader.read(file, HeaderLayout.FINAL).header();
    }

    private PlainImage open() throws IOException {
        return PlainImage.open("disk.qed", file, null, 1 << 20);
    }

    private void entry(long fileOffset, long value) {
        file.write(
                fileOffset,
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value));
    }

    /** A view on a file of which one table cannot be read. */
    private record FailingAt(FileView file, long tableOffset) implements FileView {
        @Override
        public void read(long fileOffset, ByteBuffer target) throws IOException {
            if (fileOffset == tableOffset) {
                throw new IOException("injected");
            }
            file.read(fileOffset, target);
        }

        @Override
        public long length() {
            return file.length();
        }

        @Override
        public long nextData(long fileOffset) throws IOException {
            return file.nextData(fileOffset);
        }

        @Override
        public long nextHole(long fileOffset) throws IOException {
            return file.nextHole(fileOffset);
        }
    }
}
