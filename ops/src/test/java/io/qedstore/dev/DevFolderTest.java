package io.qedstore.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevFolderTest {
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
    void beginningWithNothingTakesWhatAClusterHasLeftAndNothingElse() throws IOException {
        DevFolder.open(folder, true).close();
        leave(
                "kafka/1/data",
                "node-1/data/images/x.qed",
                "node-9/node.properties",
                "endpoints.json",
                "notes",
                "node-10/x");
        DevFolder.open(folder, false).close();
        assertThat(folder.resolve("kafka/1/data")).exists();
        DevFolder.open(folder, true).close();
        assertThat(folder).isDirectoryNotContaining("glob:**{kafka,node-1,node-9,endpoints.json}");
        assertThat(folder.resolve("notes")).exists();
        assertThat(folder.resolve("node-10/x")).exists();
    }

    @Test
    void whatWasNeverAClustersIsNotCleared() throws IOException {
        leave("kafka/pom.xml", "notes");
        assertThatThrownBy(() -> DevFolder.open(folder, true)).hasMessageContainingAll("--fresh", "--dir");
        assertThat(folder.resolve("kafka/pom.xml")).exists();
        assertThat(folder.resolve("notes")).exists();
    }

    @Test
    void oneAtATimeUsesIt() throws IOException {
        try (DevFolder used = DevFolder.open(folder, false)) {
            leave("kafka/1/data");
            assertThatThrownBy(() -> DevFolder.open(folder, true)).hasMessageContaining("runs in " + folder);
            assertThat(used.path().resolve("kafka/1/data")).exists();
        }
        DevFolder.open(folder, true).close();
    }
}
