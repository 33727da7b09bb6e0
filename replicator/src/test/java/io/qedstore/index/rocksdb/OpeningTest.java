package io.qedstore.index.rocksdb;

import static io.qedstore.index.TestCatalog.announced;
import static io.qedstore.index.TestCatalog.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.ImageName;
import io.qedstore.index.CatalogFold;
import io.qedstore.index.IndexException;
import io.qedstore.index.TestCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;

/** The folder of the index, when it is opened. */
class OpeningTest {
    private final Path folder;

    OpeningTest(@TempDir Path temp) {
        folder = temp.resolve("index");
    }

    private void put(byte[] key, byte[] value) throws IOException {
        try (RocksDbIndex index = RocksDbIndex.open(folder)) {
            index.store().writeSynced(batch -> batch.put(Family.DEFAULT, key, value));
        }
    }

    @Test
    void theNativeLibraryIsThere() {
        RocksDB.loadLibrary();
        assertThat(RocksDB.rocksdbVersion().getMajor()).isPositive();
    }

    @Test
    void anIndexIsMadeOnceAndFoundAgain() throws IOException {
        Files.createDirectories(folder.resolveSibling("index.new"));
        Files.writeString(folder.resolveSibling("index.new").resolve("CURRENT"), "left over from a crash");
        try (RocksDbIndex index = RocksDbIndex.open(folder)) {
            CatalogFold fold = new CatalogFold(TestCatalog.TOPIC, index);
            TestCatalog catalog = new TestCatalog();
            fold.next(catalog.add(announced(TestCatalog.NODE)));
            fold.next(catalog.add(created(1, "a")));
        }
        try (RocksDbIndex index = RocksDbIndex.open(folder)) {
            assertThat(index.image(new ImageName("a"))).isPresent();
            assertThat(index.catalogPosition()).contains(TestCatalog.position(2));
        }
        assertThat(folder.resolveSibling("index.new")).doesNotExist();
    }

    @Test
    void twoCannotHaveItOpen() throws IOException {
        try (RocksDbIndex index = RocksDbIndex.open(folder)) {
            assertThatThrownBy(() -> RocksDbIndex.open(folder))
                    .isInstanceOf(IndexException.InUse.class)
                    .hasMessageContaining(folder.toString());
            assertThat(index.imagesById(Optional.empty(), 1)).isEmpty();
        }
    }

    @Test
    void aNewerFormatIsRefusedByName() throws IOException {
        put(Keys.FORMAT, Values.format(3));
        assertThatThrownBy(() -> RocksDbIndex.open(folder))
                .isInstanceOf(IndexException.Newer.class)
                .hasMessageContaining("its format is 3, expected at most 2");
    }

    @Test
    void aFormatThatIsNoneIsDamage() throws IOException {
        put(Keys.FORMAT, new byte[] {1});
        assertThatThrownBy(() -> RocksDbIndex.open(folder)).isInstanceOf(IndexException.Damaged.class);
    }

    // Deliberate bug: an index is made wherever none can be opened.
    @Test
    void aFolderOfOtherThingsIsNotWrittenTo() throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("notes.txt"), "mine");
        assertThatThrownBy(() -> RocksDbIndex.open(folder))
                .isInstanceOf(IndexException.Damaged.class)
                .hasMessageContaining("CURRENT is missing");
        assertThat(folder).isDirectoryContaining("glob:**notes.txt");
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    // Deliberate bug: a closed database is asked, which ends the process.
    @Test
    void aClosedIndexSaysSo() throws IOException {
        RocksDbIndex index = RocksDbIndex.open(folder);
        index.close();
        index.close();
        assertThatThrownBy(() -> index.image(TestCatalog.image(1)))
                .isInstanceOf(IndexException.Unavailable.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(index::statistics).isInstanceOf(IndexException.Unavailable.class);
    }

    @Test
    void numbersAboutTheDatabaseHaveNames() throws IOException {
        try (RocksDbIndex index = RocksDbIndex.open(folder)) {
            CatalogFold fold = new CatalogFold(TestCatalog.TOPIC, index);
            TestCatalog catalog = new TestCatalog();
            fold.next(catalog.add(announced(TestCatalog.NODE)));
            fold.next(catalog.add(created(1, "a")));
            fold.next(catalog.add(created(2, "b")));
            assertThat(index.statistics())
                    .containsEntry("batches", 3L)
                    .containsEntry("synced_batches", 0L)
                    .containsEntry("keys_images", 2L)
                    .containsEntry("background_errors", 0L)
                    .containsKeys("block_cache_bytes", "unwritten_bytes", "table_file_bytes", "stalled_micros");
        }
    }
}
