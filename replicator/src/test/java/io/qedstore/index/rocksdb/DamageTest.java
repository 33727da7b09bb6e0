package io.qedstore.index.rocksdb;

import static io.qedstore.index.TestCatalog.announced;
import static io.qedstore.index.TestCatalog.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.index.CatalogFold;
import io.qedstore.index.IndexException;
import io.qedstore.index.TestCatalog;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of the index that are missing or changed: an error that says so, or the whole content, and never a part of it. But for
 * a manifest that was cut behind the column families.
 */
class DamageTest {
    private final Path temp;

    /** With table files, and with changes that are in the log alone. */
    private final Path whole;

    private Map<String, String> content = Map.of();

    DamageTest(@TempDir Path temp) {
        this.temp = temp;
        this.whole = temp.resolve("whole");
    }

    @BeforeEach
    void fill() throws IOException {
        TestCatalog catalog = new TestCatalog();
        for (int round = 0; round < 2; round++) {
            try (RocksDbIndex index = RocksDbIndex.open(whole)) {
                CatalogFold fold = new CatalogFold(TestCatalog.TOPIC, index);
                fold.next(catalog.add(announced(TestCatalog.NODE)));
                for (int i = 0; i < 100; i++) {
                    int number = 1 + round * 100 + i;
                    fold.next(catalog.add(created(number, "image-" + number)));
                }
                content = Dump.of(index);
            }
        }
    }

    private Path copy(String name) throws IOException {
        return Folders.copy(whole, temp.resolve(name));
    }

    private static List<Path> files(Path folder, String... patterns) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> Stream.of(patterns)
                            .anyMatch(pattern -> file.getFileName().toString().matches(pattern)))
                    .sorted()
                    .toList();
        }
    }

    private static Map<String, String> read(Path folder) throws IOException {
        try (RocksDbIndex index = RocksDbIndex.open(folder)) {
            return Dump.of(index);
        }
    }

    // Deliberate bug: a missing log is taken for an empty one.
    @Test
    void aMissingFileIsNoticed() throws IOException {
        List<Path> files = files(whole, "CURRENT", "MANIFEST-.*", ".*\\.sst", ".*\\.log");
        assertThat(files).hasSizeGreaterThan(4);
        for (Path file : files) {
            Path folder = copy("without-" + file.getFileName());
            Files.delete(folder.resolve(file.getFileName()));
            assertThatThrownBy(() -> read(folder))
                    .as("without %s", file.getFileName())
                    .isInstanceOf(IndexException.Damaged.class)
                    .hasMessageContaining("is damaged")
                    .hasMessageContaining("Delete the folder. That is safe for the index, which is made again")
                    .hasMessageContaining("verify its files");
        }
    }

    @Test
    void aCutFileIsNoticed() throws IOException {
        for (Path file : files(whole, "CURRENT", "MANIFEST-.*", ".*\\.sst")) {
            Path folder = copy("cut-" + file.getFileName());
            // RocksDB takes a manifest that was cut behind the column families for an older one.
            long length = file.getFileName().toString().startsWith("MANIFEST") ? 200 : Files.size(file) / 2;
            Folders.cut(folder.resolve(file.getFileName()), length);
            assertThatThrownBy(() -> read(folder))
                    .as("cut %s", file.getFileName())
                    .isInstanceOf(IndexException.Damaged.class);
        }
    }

    // Deliberate bug: the log is read up to the first record that is spoiled, and nobody says so.
    @Test
    void aChangedByteIsNoticedOrDoesNotMatter() {
        Seeds.forEach(20, seed -> {
            Random random = new Random(seed);
            Path folder = copy("flipped-" + seed);
            List<Path> files = files(folder, "MANIFEST-.*", ".*\\.sst", ".*\\.log");
            Path file = files.get(random.nextInt(files.size()));
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length == 0) {
                return;
            }
            int at = random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
            try {
                assertThat(read(folder)).isEqualTo(content);
            } catch (IndexException.Damaged | IndexException.Newer noticed) {
                assertThat(noticed).hasMessageContaining("Delete the folder");
            }
        });
    }
}
