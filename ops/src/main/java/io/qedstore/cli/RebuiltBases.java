package io.qedstore.cli;

import io.qedstore.backing.BaseChain;
import io.qedstore.event.Backing;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.rebuild.Rebuild;
import io.qedstore.rebuild.RebuildSource;
import io.qedstore.rebuild.RebuildWatcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/**
 * Makes the files that a clone lies over, beside the clone's, under the names that the headers say. What lies deepest is made first, so
 * that a file under its name has all that it needs.
 */
final class RebuiltBases {
    private final MetadataIndex index;
    private final Source source;
    private final Path target;

    /** What an image is made from. */
    @FunctionalInterface
    interface Source {
        RebuildSource of(CatalogImage image) throws IOException;
    }

    /** @param target the clone's file, which may not be there yet */
    RebuiltBases(MetadataIndex index, Source source, Path target) {
        this.index = index;
        this.source = source;
        this.target = target;
    }

    /**
     * Makes those of an image. What lies under such a name and may be something else is replaced.
     *
     * @param watchers for each file another, which hears how it is coming on
     * @return the files, the deepest first
     */
    List<Path> make(CatalogImage image, Supplier<RebuildWatcher> watchers) throws IOException {
        List<Backing> bases = new ArrayList<>(BaseChain.of(image, index));
        Collections.reverse(bases);
        List<Path> made = new ArrayList<>();
        for (Backing backing : bases) {
            Path file = target.resolveSibling(backing.fileName());
            Path unfinished = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(unfinished);
            CatalogImage base = BaseChain.base(backing, index);
            new Rebuild(source.of(base), unfinished, watchers.get()).upTo(backing.sequence());
            DurableFile.rename(unfinished, file);
            made.add(file);
        }
        return made;
    }
}
