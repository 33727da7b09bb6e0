package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFormatTest {
    private static final String QED = "QED\0";
    private static final String QCOW = "QFI\u00fb\0\0\0\1";
    private static final String QCOW2 = "QFI\u00fb\0\0\0\3";

    private final Path folder;

    DiskFormatTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void aFileIsWhatItsNameAndItsFirstBytesSay() throws Exception {
        assertThat(format("a.qed", QED, null)).isEqualTo("qed");
        assertThat(format("a.QED", QED, null)).isEqualTo("qed");
        assertThat(format("a.qcow2", QCOW2, null)).isEqualTo("qcow2");
        assertThat(format("a.qcow", QCOW, null)).isEqualTo("qcow");
        assertThat(format("a.vmdk", "KDMV", null)).isEqualTo("vmdk");
        assertThat(format("b.vmdk", "COWD", null)).isEqualTo("vmdk");
        assertThat(format("a.vhd", "conectix", null)).isEqualTo("vpc");
        assertThat(format("a.img", "boot", null)).isEqualTo("raw");
        assertThat(format("a.raw", "boot", null)).isEqualTo("raw");
        assertThat(format("raw", "", null)).isEqualTo("raw");
        assertThat(format("disk.2026", "boot", null)).isEqualTo("raw");
    }

    @Test
    void aRawDiskWhoseGuestWroteTheBeginningOfAnotherFormatIsTakenForNothing() {
        for (String name : new String[] {"a.img", "a.raw", "a", "qed"}) {
            assertThatThrownBy(() -> format(name, QED, null))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("begins like qed, and is not named so")
                    .hasMessageContaining("--format=qed or --format=raw");
        }
        assertThatThrownBy(() -> format("a.qed", QCOW2, null))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("begins like qcow2");
    }

    @Test
    void aFileThatIsNotWhatItIsNamedAsIsTakenForNothing() {
        assertThatThrownBy(() -> format("a.qed", "boot", null))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("is named as qed, and does not begin like one")
                .hasMessageContaining("--format=FMT");
    }

    @Test
    void whatTheUserSaysCounts() throws Exception {
        assertThat(format("a.qed", QED, "raw")).isEqualTo("raw");
        assertThat(format("a.img", "boot", "VMDK")).isEqualTo("vmdk");
    }

    private String format(String name, String start, @Nullable String asked) throws IOException, CommandFailure {
        Path path = Files.write(folder.resolve(name), start.getBytes(StandardCharsets.ISO_8859_1));
        try (ChannelImageFile file = ChannelImageFile.open(path, FileAccess.READ)) {
            return DiskFormat.of(file, path, asked);
        }
    }
}
