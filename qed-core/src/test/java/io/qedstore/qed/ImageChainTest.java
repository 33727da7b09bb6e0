package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains of backing files: how names are resolved, and what is refused. */
class ImageChainTest {
    private final Path folder;

    ImageChainTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void namesAreResolvedAgainstTheFolderOfTheFileThatHoldsThem() throws IOException {
        Files.createDirectories(folder.resolve("bases/deep"));
        raw("bases/deep/base.raw", "the base");
        create("bases/middle.qed", "deep/base.raw", "raw");
        create("top.qed", "bases/middle.qed", "qed");
        assertThat(readStart("top.qed")).isEqualTo("the base");
        assertThat(ImageChain.resolve(folder.resolve("top.qed"), "/abs/base"))
                .isEqualTo(folder.getFileSystem().getPath("/abs/base"));
        assertThat(ImageChain.resolve(folder.resolve("top.qed"), "file:b.raw")).isEqualTo(folder.resolve("b.raw"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nbd://host/disk", "nbd:host:10809", "json:{\"driver\":\"raw\"}", "fat:rw:dir", "a:b"})
    void namesOfProtocolsAreRefused(String name) {
        assertThatThrownBy(() -> ImageChain.resolve(folder.resolve("top.qed"), name))
                .isInstanceOf(QedFormatException.class)
                .hasMessageContaining("only local files");
    }

    @Test
    void aNameWithAColonBehindASlashIsAFile() throws IOException {
        assertThat(ImageChain.resolve(folder.resolve("top.qed"), "./a:b")).isEqualTo(folder.resolve("./a:b"));
    }

    @Test
    void aChainThatComesBackToItselfIsRefused() throws IOException {
        create("a.qed", "b.qed", "qed");
        create("b.qed", "a.qed", "qed");
        assertThatThrownBy(() -> open("a.qed")).hasMessageContaining("comes back to");
        assertThatThrownBy(() -> PlainImage.open(folder.resolve("a.qed"))).hasMessageContaining("comes back to");
        create("self.qed", "self.qed", "qed");
        assertThatThrownBy(() -> open("self.qed")).hasMessageContaining("comes back to");
    }

    @Test
    void aCycleIsSeenThroughLinks() throws IOException {
        create("a.qed", "link.qed", "qed");
        Files.createSymbolicLink(folder.resolve("link.qed"), folder.resolve("a.qed"));
        assertThatThrownBy(() -> open("a.qed")).hasMessageContaining("comes back to");
        Files.delete(folder.resolve("link.qed"));
        Files.createLink(folder.resolve("link.qed"), folder.resolve("a.qed"));
        assertThatThrownBy(() -> open("a.qed")).hasMessageContaining("comes back to");
    }

    @Test
    void aChainHasAtMost64Files() throws IOException {
        create("0.qed", "", "");
        for (int i = 1; i <= ImageChain.MAX_DEPTH; i++) {
            create(i + ".qed", (i - 1) + ".qed", "qed");
        }
        open(ImageChain.MAX_DEPTH - 1 + ".qed").close();
        assertThatThrownBy(() -> open(ImageChain.MAX_DEPTH + ".qed")).hasMessageContaining("longer than 64 files");
    }

    @Test
    void aMissingBackingFileIsToldByItsName() throws IOException {
        create("top.qed", "gone.raw", "raw");
        assertThatThrownBy(() -> open("top.qed"))
                .hasMessage("Could not open backing file: Could not open '" + folder.resolve("gone.raw")
                        + "': No such file or directory");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"QFI\u00fb", "KDMV", "COWD", "vhdxfile", "conectix", "LUKS\u00ba\u00be", "WithoutFreeSpace"})
    void otherFormatsAreNotMistakenForRawUnlessTheImageSaysRaw(String magic) throws IOException {
        raw("base", magic);
        create("probing.qed", "base", "");
        assertThatThrownBy(() -> open("probing.qed"))
                .isInstanceOf(QedFormatException.class)
                .hasMessageContaining("looks like");
        create("raw.qed", "base", "raw");
        assertThat(readStart("raw.qed")).startsWith(magic);
    }

    @Test
    void theRawFlagMeansThatNobodyLooks() throws IOException {
        create("base.qed", "", "");
        create("raw.qed", "base.qed", "raw");
        assertThat(readStart("raw.qed")).startsWith("QED");
        create("probing.qed", "base.qed", "qed");
        assertThat(readStart("probing.qed")).startsWith("\0\0\0\0");
    }

    private GuestImage open(String name) throws IOException {
        return ImageChain.openReadOnly(folder.resolve(name), ImageFormat.PROBE);
    }

    private String readStart(String name) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(16);
        try (GuestImage image = open(name)) {
            image.read(0, start);
        }
        String text = new String(start.array(), StandardCharsets.ISO_8859_1);
        return text.startsWith("\0") ? text : text.replace("\0", "");
    }

    private void raw(String name, String content) throws IOException {
        Files.write(folder.resolve(name), content.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void create(String name, String backing, String format) throws IOException {
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(folder.resolve(name))) {
            new NewImage(new ImageGeometry(4096, 2), 1 << 20, backing, format).createIn(file, HeaderLayout.FINAL);
        }
    }
}
