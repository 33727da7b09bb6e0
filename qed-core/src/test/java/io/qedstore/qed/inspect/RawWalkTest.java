package io.qedstore.qed.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The walk shows every field and entry where it lies, and goes on after damage. */
class RawWalkTest {
    private static final ImageGeometry SMALL = new ImageGeometry(4096, 2);

    /** Two written clusters, two zero clusters, and a cluster under the second L1 entry. */
    private static MemoryImageFile written() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(SMALL, 64 << 20, "base.raw", "raw").createIn(file, HeaderLayout.FINAL);
        try (PlainImage image = PlainImage.open("a", file, null, QedImage.DEFAULT_L2_CACHE_BYTES)) {
            image.write(0, ByteBuffer.allocate(8192));
            image.writeZeroes(16384, 8192);
            image.write(5 << 20, ByteBuffer.allocate(512));
        }
        return file;
    }

    private static void putEntry(MemoryImageFile file, long fileOffset, long entry) {
        file.write(
                fileOffset,
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, entry));
    }

    private static List<RawField> walk(MemoryImageFile file, HeaderLayout layout) throws IOException {
        List<RawField> fields = new ArrayList<>();
        RawWalk.walk(file, layout, fields::add);
        return fields;
    }

    private static RawField field(List<RawField> fields, String name) {
        return fields.stream()
                .filter(field -> field.field().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + fields));
    }

    @Test
    void theHeadersFieldsCoverItsBytesInBothLayouts() throws IOException {
        for (HeaderLayout layout : HeaderLayout.values()) {
            long next = 0;
            for (RawField field : walk(written(), layout)) {
                if (field.fileOffset() < 64 && field.lengthBytes() > 0) {
                    assertThat(field.fileOffset()).as(layout + " " + field).isEqualTo(next);
                    next += field.lengthBytes();
                }
            }
            assertThat(next).isEqualTo(64);
        }
    }

    @Test
    void runsOfEntriesAreOneField() throws IOException {
        List<RawField> fields = walk(written(), HeaderLayout.FINAL);
        assertThat(field(fields, "backing file name").value()).isEqualTo("base.raw");
        assertThat(field(fields, "l1[0]")).isEqualTo(new RawField(4096, 8, "l1[0]", "0x5000", "L2 table", true));
        assertThat(field(fields, "l2[0][0..1]"))
                .isEqualTo(new RawField(0x5000, 16, "l2[0][0..1]", "0x3000", "data clusters, 2 of them", true));
        assertThat(field(fields, "l2[0][4..5]").meaning()).isEqualTo("zero clusters, 2 of them");
        assertThat(field(fields, "l2[1][256]").meaning()).isEqualTo("data cluster");
        assertThat(fields).allMatch(RawField::valid);
    }

    @Test
    void theDraftLayoutHasNoZeroClusters() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(SMALL, 1 << 20, "base.qed", "qed").createIn(file, HeaderLayout.DRAFT_2010);
        putEntry(file, 4096, 0x3000);
        putEntry(file, 0x3000, 1);
        file.setLength(0x5000);
        List<RawField> fields = walk(file, HeaderLayout.DRAFT_2010);
        assertThat(field(fields, "backing file format").value()).isEqualTo("qed");
        assertThat(field(fields, "l2[0][0]").valid()).isFalse();
    }

    @Test
    void damageIsMarkedAndTheRestIsShown() throws IOException {
        MemoryImageFile file = written();
        putEntry(file, 4096 + 16, 0x5000); // shares the first table
        putEntry(file, 4096 + 24, 12345);
        putEntry(file, 0x5000 + 8, 0x7000_0000);
        file.setLength(file.length() + 100);
        List<RawField> fields = walk(file, HeaderLayout.FINAL);
        assertThat(field(fields, "l1[2]").meaning()).contains("shown before");
        assertThat(field(fields, "l1[3]").meaning()).contains("no table lies there");
        assertThat(field(fields, "l2[0][1]").meaning()).contains("no cluster lies there");
        assertThat(field(fields, "l2[1][256]").valid()).isTrue();
        assertThat(field(fields, "tail").lengthBytes()).isEqualTo(100);
    }

    @Test
    void withoutSizesTheTablesAreNotGuessed() throws IOException {
        MemoryImageFile file = written();
        file.write(4, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
        List<RawField> fields = walk(file, HeaderLayout.FINAL);
        assertThat(field(fields, "cluster_size").valid()).isFalse();
        assertThat(field(fields, "tables").meaning()).contains("not walked");
    }

    @Test
    void randomBytesAreWalkedToTheirEnd() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(40000)];
            random.nextBytes(bytes);
            ByteBuffer start = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            if (bytes.length > 64) {
                start.putInt(4, 4096 << random.nextInt(2)).putInt(8, 1 << random.nextInt(3));
                start.putLong(40, 4096L * random.nextInt(3));
            }
            for (HeaderLayout layout : HeaderLayout.values()) {
                assertThat(walk(MemoryImageFile.of(bytes), layout))
                        .as("seed " + seed)
                        .isNotEmpty();
            }
        }
    }
}
