package io.qedstore.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.kafka.EmbeddedKafka;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevFolderTest {
    private static final String KNOWN_BY = "kafka/cluster.properties";

    private final Path folder;

    DevFolderTest(@TempDir Path parent) {
        this.folder = parent.resolve("dev");
    }

    private void leave(String... files) throws IOException {
        for (String file : files) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.writeString(folder.resolve(file), file);
        }
    }

    @Test
    void whatAClusterHasLeftGoesAndNothingElse() throws IOException {
        leave(KNOWN_BY, "kafka/node-1/data/x", "node-1/data/images/x.qed", "node-9/node.properties", "endpoints.json");
        leave("notes", "node-10/x");
        DevFolder.clear(folder);
        try (var left = Files.list(folder)) {
            assertThat(left.map(Path::getFileName)).containsExactlyInAnyOrder(Path.of("notes"), Path.of("node-10"));
        }
    }

    @Test
    void whatWasNeverAClustersStays() throws IOException {
        leave("kafka/pom.xml", "node-1/x");
        assertThatThrownBy(() -> DevFolder.clear(folder))
                .hasMessageContaining("holds no Kafka that this program has made");
        assertThat(folder.resolve("kafka/pom.xml")).exists();
        assertThat(folder.resolve("node-1/x")).exists();
    }

    @Test
    void whatRunsStays() throws IOException {
        leave(KNOWN_BY, "node-1/x");
        Closeable running = EmbeddedKafka.hold(folder.resolve("kafka"));
        try (running) {
            assertThatThrownBy(() -> DevFolder.clear(folder)).hasMessageContaining("in use by process");
            assertThat(folder.resolve("node-1/x")).exists();
        }
        DevFolder.clear(folder);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whereNothingIsNothingHasToGo() throws IOException {
        DevFolder.clear(folder);
        Files.createDirectories(folder);
        DevFolder.clear(folder);
        assertThat(folder).isEmptyDirectory();
    }
}
