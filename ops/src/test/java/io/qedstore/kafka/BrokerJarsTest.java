package io.qedstore.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerJarsTest {
    private final Path folder;

    BrokerJarsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Path jarIn(String place, String version) throws IOException {
        Path lib = Files.createDirectories(folder.resolve(place));
        Files.createFile(lib.resolve("kafka_2.13-" + version + ".jar"));
        return lib;
    }

    @Test
    void aDistributionHasThemBesideItsJars() throws IOException {
        Path lib = jarIn("qedstore/lib/kafka", "4.4.0");
        assertThat(BrokerJars.folder(folder.resolve("qedstore/lib/qedstore-ops.jar"), null))
                .isEqualTo(lib);
    }

    @Test
    void aCheckoutHasThemWhereMavenPutsThem() throws IOException {
        Path lib = jarIn("checkout/ops/kafka/target/lib", "4.4.0");
        assertThat(BrokerJars.folder(folder.resolve("checkout/ops/target/classes"), null))
                .isEqualTo(lib);
    }

    @Test
    void aChosenFolderIsTheOnlyOne() throws IOException {
        jarIn("lib/kafka", "4.4.0");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatIOException()
                .isThrownBy(() -> BrokerJars.folder(folder.resolve("lib/qedstore-ops.jar"), empty.toString()))
                .withMessageContaining("not in [" + empty + "]")
                .withMessageContaining(BrokerJars.PROPERTY);
    }

    @Test
    void jarsThatAnEarlierBuildLeftAreNotMixedWithNewOnes() throws IOException {
        jarIn("lib/kafka", "4.4.0");
        jarIn("lib/kafka", "4.4.1");
        assertThatIOException()
                .isThrownBy(() -> BrokerJars.folder(folder.resolve("lib/qedstore-ops.jar"), null))
                .withMessageContaining("several versions");
    }
}
