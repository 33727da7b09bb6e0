package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Between the draft's and the final header layout nothing gets lost in silence. */
class LayoutConversionTest {
    private static final ImageGeometry SMALL = new ImageGeometry(4096, 2);

    private static MemoryImageFile image(HeaderLayout layout, String backing, String format) throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(SMALL, 1 << 20, backing, format).createIn(file, layout);
        return file;
    }

    private static byte[] bytes(MemoryImageFile file) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.length()));
        file.read(0, bytes);
        return bytes.array();
    }

    private static MemoryImageFile toFinal(MemoryImageFile draft, ImageFormat probed) throws IOException {
        MemoryImageFile target = MemoryImageFile.of(new byte[100_000]);
        LayoutConversion.toFinal(draft, probed).copyTo(target);
        return target;
    }

    private static MemoryImageFile toDraft(MemoryImageFile source) throws IOException {
        MemoryImageFile target = new MemoryImageFile();
        LayoutConversion.toDraft(source).copyTo(target);
        return target;
    }

    private static void assertNotToDraft(MemoryImageFile file, String reason) {
        assertThatThrownBy(() -> LayoutConversion.toDraft(file))
                .isInstanceOf(QedFormatException.class)
                .hasMessageContaining(reason);
    }

    private static MemoryImageFile with(MemoryImageFile file, int fileOffset, int value) {
        file.write(fileOffset, ByteBuffer.wrap(new byte[] {(byte) value}));
        return file;
    }

    @Test
    void aDataImageGoesToTheDraftAndBackUnchanged() throws IOException {
        for (String format : new String[] {"", "raw"}) {
            MemoryImageFile file = image(HeaderLayout.FINAL, format.isEmpty() ? "" : "base.raw", format);
            try (PlainImage image = PlainImage.open("a", file, null, QedImage.DEFAULT_L2_CACHE_BYTES)) {
                image.write(5000, ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII)));
            }
            byte[] before = bytes(file);
            MemoryImageFile draft = toDraft(file);
            assertThat(HeaderReader.read(draft, HeaderLayout.DRAFT_2010)
                            .backing()
                            .exists())
                    .isEqualTo(!format.isEmpty());
            byte[] back = bytes(toFinal(draft, ImageFormat.PROBE));
            if (!format.isEmpty()) {
                assertThat(new String(back, 64, 11, StandardCharsets.US_ASCII)).isEqualTo("base.rawraw");
                System.arraycopy(before, 72, back, 72, 3); // the format's name stays behind, and means nothing there
            }
            assertThat(back).isEqualTo(before);
        }
    }

    @Test
    void aDraftComesBackUnchanged() throws IOException {
        for (String format : new String[] {"", "raw"}) {
            MemoryImageFile draft = image(HeaderLayout.DRAFT_2010, format.isEmpty() ? "" : "base.raw", format);
            assertThat(bytes(toDraft(toFinal(draft, ImageFormat.PROBE)))).isEqualTo(bytes(draft));
        }
    }

    @Test
    void aFormatThatALookWouldNotFindIsRefused() throws IOException {
        MemoryImageFile draft = image(HeaderLayout.DRAFT_2010, "base", "qed");
        assertThatThrownBy(() -> LayoutConversion.toFinal(draft, ImageFormat.RAW))
                .hasMessageContaining("'qed'");
        assertThatThrownBy(() -> LayoutConversion.toFinal(draft, ImageFormat.PROBE))
                .hasMessageContaining("'qed'");
        MemoryImageFile converted = toFinal(draft, ImageFormat.QED);
        assertThat(HeaderReader.read(converted, HeaderLayout.FINAL).backing())
                .isEqualTo(new BackingReference("base", ImageFormat.PROBE));
    }

    @Test
    void whatTheDraftDoesNotHaveIsRefused() throws IOException {
        assertNotToDraft(with(image(HeaderLayout.FINAL, "", ""), 16, 2), "needs a check");
        assertNotToDraft(with(image(HeaderLayout.FINAL, "", ""), 16, 4), "features is 0x4");
        assertNotToDraft(with(image(HeaderLayout.FINAL, "", ""), 24, 1), "compat_features is 0x1");
        assertNotToDraft(with(image(HeaderLayout.FINAL, "", ""), 32, 1), "autoclear_features is 0x1");
        assertNotToDraft(with(image(HeaderLayout.FINAL, "", ""), 49, 2), "non-zero multiple of 4096");
        assertNotToDraft(with(image(HeaderLayout.FINAL, "base.raw", "raw"), 73, 'x'), "no room");
        MemoryImageFile zeros = image(HeaderLayout.FINAL, "", "");
        try (PlainImage image = PlainImage.open("a", zeros, null, QedImage.DEFAULT_L2_CACHE_BYTES)) {
            image.writeZeroes(0, 4096);
        }
        assertNotToDraft(zeros, "1 zero clusters");
    }

    @Test
    void aCorruptImageStaysWhereItIs() throws IOException {
        assertNotToDraft(with(image(HeaderLayout.FINAL, "", ""), 4096, 7), "1 corruptions");
        MemoryImageFile draft = with(image(HeaderLayout.DRAFT_2010, "", ""), 4096, 7);
        assertThatThrownBy(() -> LayoutConversion.toFinal(draft, ImageFormat.PROBE))
                .hasMessageContaining("1 corruptions");
    }
}
