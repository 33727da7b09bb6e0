package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    private static final NodeId ONE = new NodeId("one");
    private static final NodeId TWO = new NodeId("two");

    private final Path folder;

    DataFolderTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void aFolderIsMadeAndBelongsToItsNodeFromThenOn() throws IOException {
        Path path = folder.resolve("deep/data");
        try (DataFolder made = DataFolder.open(path, ONE)) {
            assertThat(made.isNew()).isTrue();
            made.own();
            assertThat(made.isNew()).isFalse();
            made.own();
        }
        assertThat(path.resolve("node.id")).hasContent("one\n");
        try (DataFolder again = DataFolder.open(path, ONE)) {
            assertThat(again.isNew()).isFalse();
        }
        assertThatThrownBy(() -> DataFolder.open(path, TWO))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is that of node 'one', expected node 'two'");
    }

    @Test
    void aFolderIsUsedByOneAtATime() throws IOException {
        try (DataFolder first = DataFolder.open(folder, ONE)) {
            assertThat(first.path()).isEqualTo(folder);
            assertThatThrownBy(() -> DataFolder.open(folder, ONE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is in use by another process");
        }
        DataFolder.open(folder, ONE).close();
    }

    @Test
    void aRefusedFolderIsNotKeptLocked() throws IOException {
        Files.writeString(folder.resolve("node.id"), "two\n");
        assertThatThrownBy(() -> DataFolder.open(folder, ONE)).isInstanceOf(IOException.class);
        DataFolder.open(folder, TWO).close();
    }

    /** Two nodes of one name would take each other for themselves, before they were started anew. */
    @Test
    void aNewFolderIsNotThatOfANodeThatTheClusterKnows() throws IOException {
        for (int start = 0; start < 2; start++) { // the second try does not make it better
            try (DataFolder made = DataFolder.open(folder, ONE)) {
                assertThatThrownBy(() -> made.requireOnlyOne(true))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("knows a node 'one' already")
                        .hasMessageContaining("node.id");
                made.requireOnlyOne(false);
            }
        }
        Files.writeString(folder.resolve("node.id"), "one"); // somebody has made sure
        try (DataFolder made = DataFolder.open(folder, ONE)) {
            made.requireOnlyOne(true);
        }
    }
}
