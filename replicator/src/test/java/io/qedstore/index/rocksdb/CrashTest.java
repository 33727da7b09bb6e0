package io.qedstore.index.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogFold;
import io.qedstore.index.TestCatalog;
import io.qedstore.qed.model.Seeds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program is killed, or the machine loses the end of what was not synced: the content and the position that it stands for
 * still agree, and no ceiling is lost that was said to be stored.
 *
 * <p>Deliberate bugs that turn it red: the position in a batch of its own, before or after the content; a ceiling that is said
 * to be stored before it is written.
 */
class CrashTest {
    private static final int LINES = 5;

    @Test
    void aKilledProgramLeavesContentAndPositionThatAgree(@TempDir Path temp) {
        Seeds.forEach(3, seed -> kill(seed, temp));
    }

    private static void kill(long seed, Path temp) throws IOException, InterruptedException {
        Path folder = temp.resolve("killed-" + seed);
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CatalogWriterProcess.class.getName(),
                        folder.toString())
                .redirectError(temp.resolve("killed-" + seed + ".err").toFile())
                .start();
        long ceiling = 0;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            int lines = LINES + new Random(seed).nextInt(2000);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.matches("ceiling \\d+")) {
                    ceiling = Long.parseLong(line.substring(line.indexOf(' ') + 1));
                }
                if (--lines == 0) {
                    // Not the process itself, which would close what it has printed and nobody has read.
                    process.toHandle().destroyForcibly();
                }
            }
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ceiling)
                .as(Files.readString(temp.resolve("killed-" + seed + ".err")))
                .isPositive();
        try (RocksDbIndex index = RocksDbIndex.open(folder);
                RocksDbProgress progress = RocksDbProgress.open(index)) {
            assertThat(CatalogWriterProcess.contradictions(index)).isEmpty();
            assertThat(progress.ceiling(TestCatalog.image(1)))
                    .map(FoldState::sequence)
                    .hasValueSatisfying(sequence -> assertThat(sequence.value()).isPositive());
            assertThat(progress.ceiling(TestCatalog.image(1))
                            .orElseThrow()
                            .sequence()
                            .value())
                    .isGreaterThanOrEqualTo(ceiling);
        }
    }

    @Test
    void whereverTheLogIsCutContentAndPositionAgree(@TempDir Path temp) throws IOException {
        Path whole = temp.resolve("whole");
        Path open = temp.resolve("open");
        try (RocksDbIndex index = RocksDbIndex.open(open)) {
            CatalogFold fold = new CatalogFold(TestCatalog.TOPIC, index);
            TestCatalog catalog = new TestCatalog();
            for (int i = 0; i < 200; i++) {
                CatalogWriterProcess.addRecord(fold, catalog);
            }
            Folders.copy(open, whole);
        }
        Seeds.forEach(25, seed -> {
            Path folder = Folders.copy(whole, temp.resolve("cut-" + seed));
            List<Path> logs = Folders.list(folder).stream()
                    .filter(file -> file.toString().endsWith(".log"))
                    .toList();
            Path log = logs.get(logs.size() - 1);
            Folders.cut(log, new Random(seed).nextLong(Files.size(log)));
            try (RocksDbIndex index = RocksDbIndex.open(folder)) {
                assertThat(CatalogWriterProcess.contradictions(index)).isEmpty();
            }
        });
    }
}
