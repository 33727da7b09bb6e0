package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.ImageId;
import io.qedstore.imports.KeptImports;
import io.qedstore.index.CatalogRules;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns red when a log is removed of which the index does not know yet whose it is. */
class ImportRemainsTest implements RemovableLogs, NewImages.Catalog {
    private static final ImageId IMAGE = TestCatalog.image(2);

    private final Path folder;
    private final InMemoryIndex index = new InMemoryIndex();
    private final Set<ImageId> logs = new HashSet<>(Set.of(IMAGE));
    private boolean indexStands;
    private final ImportRemains remains;

    ImportRemainsTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        remains = new ImportRemains(new KeptImports(folder, () -> 0), index, this, this);
    }

    @BeforeEach
    void leaveSomething() throws IOException {
        decide(1, TestCatalog.announced(TestCatalog.NODE));
        Files.createFile(file());
    }

    private Path file() {
        return folder.resolve(IMAGE + ".import");
    }

    private void decide(long offset, CatalogEvent event) throws IOException {
        index.write(
                CatalogRules.decide(new CatalogRecord(1_000_000L * offset, TestCatalog.NODE, event), index)
                        .changes(),
                TestCatalog.position(offset));
    }

    @Override
    public Set<ImageId> images() {
        return Set.copyOf(logs);
    }

    @Override
    public void remove(ImageId image) {
        logs.remove(image);
    }

    @Override
    public void submit(CatalogEvent event) {
        throw new AssertionError("nothing is said in the catalog");
    }

    @Override
    public boolean isCurrent() {
        return !indexStands;
    }

    @Test
    void theLogOfWhatNeverBecameAnImageGoes() {
        remains.clear();
        assertThat(logs).isEmpty();
        assertThat(file()).doesNotExist();
    }

    @Test
    void anImageKeepsItsLog() throws IOException {
        decide(2, TestCatalog.created(2, "vm1"));
        remains.clear();
        assertThat(logs).containsExactly(IMAGE);
        assertThat(file()).doesNotExist();
    }

    @Test
    void anImageOfWhichTheIndexDoesNotKnowYetKeepsItsLog() throws IOException {
        indexStands = true;
        remains.clear();
        assertThat(logs).containsExactly(IMAGE);
        assertThat(file()).exists();
        indexStands = false;
        decide(2, TestCatalog.created(2, "vm1"));
        remains.clear();
        assertThat(logs).containsExactly(IMAGE);
        assertThat(file()).doesNotExist();
    }
}
