package io.qedstore.index.rocksdb;

import static io.qedstore.index.TestCatalog.announced;
import static io.qedstore.index.TestCatalog.created;

import io.qedstore.event.ImageName;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.ProgressStore.Stored;
import io.qedstore.index.CatalogFold;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogPosition;
import io.qedstore.index.TestCatalog;
import io.qedstore.index.TestLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The program that dies: it folds a catalog in which the record at each offset creates one image, behind a node at offset 0, and raises the ceiling of one
 * image, for ever; it prints each ceiling that was said to be stored.
 */
final class CatalogWriterProcess {
    private CatalogWriterProcess() {}

    public static void main(String[] arguments) throws IOException {
        try (RocksDbIndex index = RocksDbIndex.open(Path.of(arguments[0]));
                RocksDbProgress progress = RocksDbProgress.open(index)) {
            TestLog log = TestLog.of(1, 20_000);
            CatalogFold fold = new CatalogFold(TestCatalog.TOPIC, index);
            TestCatalog catalog = new TestCatalog();
            for (TestLog.Folded folded : log.events()) {
                addRecord(fold, catalog);
                raise(progress, folded.after());
            }
        }
    }

    /** The node, or the next image. */
    static void addRecord(CatalogFold fold, TestCatalog catalog) throws IOException {
        int number = Math.toIntExact(fold.position().nextOffset());
        fold.next(catalog.add(number == 0 ? announced(TestCatalog.NODE) : created(number, name(number))));
    }

    private static String name(int number) {
        return String.format("image-%06d", number);
    }

    private static void raise(RocksDbProgress progress, FoldState state) {
        progress.raiseCeiling(state, new Stored() {
            @Override
            public void stored() {
                System.out.println("ceiling " + state.sequence());
            }

            @Override
            public void failed(IOException cause) {
                throw new IllegalStateException(cause);
            }
        });
    }

    /**
     * What is wrong with an index that such a program has left: images that the position does not stand for, or too few.
     *
     * @return none if all is well
     */
    static List<String> contradictions(RocksDbIndex index) throws IOException {
        int position = Math.toIntExact(index.catalogPosition()
                .map(CatalogPosition::position)
                .map(at -> at.nextOffset())
                .orElse(0L));
        List<String> expected = IntStream.range(1, position)
                .mapToObj(CatalogWriterProcess::name)
                .toList();
        List<String> byName = index.imagesByName(Optional.empty(), Integer.MAX_VALUE).stream()
                .map(CatalogImage::name)
                .map(ImageName::value)
                .toList();
        int byId = index.imagesById(Optional.empty(), Integer.MAX_VALUE).size();
        int placed = index.imagesPlacedOn(TestCatalog.NODE, Optional.empty(), Integer.MAX_VALUE)
                .size();
        return expected.equals(byName) && byId == expected.size() && placed == byId
                ? List.of()
                : List.of("position " + position, byName.size() + " names", byId + " images", placed + " placed");
    }
}
