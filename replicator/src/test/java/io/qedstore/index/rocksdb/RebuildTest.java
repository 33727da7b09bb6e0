package io.qedstore.index.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogFold;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogVerdict;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.LogIndexer;
import io.qedstore.index.MetadataIndex;
import io.qedstore.index.RandomCatalog;
import io.qedstore.index.TestCatalog;
import io.qedstore.index.TestLog;
import io.qedstore.index.WritableIndex;
import io.qedstore.log.StoredRecord;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An index that is deleted and made again from the same logs holds the same, whatever the order was in which the logs were
 * read, where reading was broken off, and whether a log still reaches back below its image's floor.
 *
 * <p>Deliberate bugs that turn it red: places by the number of events since the indexer was opened; a run written as it is,
 * whatever the floor has become; an indexer that forgets to write its position.
 */
class RebuildTest {
    private static final int SEEDS = 4;
    private static final int RECORDS = 250;
    private static final int EVENTS = 600;

    @Test
    void anIndexThatIsMadeAgainHoldsTheSame(@TempDir Path temp) {
        Seeds.forEach(SEEDS, seed -> run(seed, temp));
    }

    private static void run(long seed, Path temp) throws IOException {
        Random random = new Random(seed);
        TestCatalog catalog = new TestCatalog();
        RandomCatalog events = new RandomCatalog(random, EVENTS / 2);
        for (int i = 0; i < RECORDS; i++) {
            catalog.add(events.next());
        }
        Map<Integer, TestLog> logs = new TreeMap<>();
        for (int number = 1; number <= RandomCatalog.IMAGES; number++) {
            logs.put(number, randomLog(number, random));
        }

        Map<String, String> mixed = mixed(catalog, logs, temp.resolve("mixed-" + seed), random);
        Map<String, String> again = oneAfterTheOther(catalog, logs, false, temp.resolve("again-" + seed));
        assertThat(again).isEqualTo(mixed);
        Map<String, String> shortened = oneAfterTheOther(catalog, logs, true, temp.resolve("short-" + seed));
        assertThat(shortened).isEqualTo(mixed);
    }

    private static TestLog randomLog(int number, Random random) {
        TestLog log = new TestLog(number);
        long timeMicros = 0;
        for (int i = 0; i < EVENTS; i++) {
            timeMicros += random.nextInt(3);
            log.event(timeMicros, random.nextInt(8) == 0);
            if (random.nextInt(100) == 0) {
                log.claim();
            }
        }
        return log;
    }

    /** Logs and catalog are read in pieces, the database is closed in between, and what was not written is read again. */
    private static Map<String, String> mixed(
            TestCatalog catalog, Map<Integer, TestLog> logs, Path folder, Random random) throws IOException {
        InMemoryIndex model = new InMemoryIndex();
        CatalogFold modelFold = new CatalogFold(TestCatalog.TOPIC, model);
        Map<CatalogVerdict, Integer> verdicts = new EnumMap<>(CatalogVerdict.class);
        int folded = 0;
        while (folded < catalog.records().size()) {
            try (RocksDbIndex index = RocksDbIndex.open(folder)) {
                CatalogFold fold = new CatalogFold(TestCatalog.TOPIC, index);
                Map<Integer, LogIndexer> indexers = new TreeMap<>();
                int end = Math.min(catalog.records().size(), folded + 1 + random.nextInt(RECORDS / 3));
                while (folded < end) {
                    StoredRecord record = catalog.records().get(folded++);
                    CatalogFold.Judged judged = fold.next(record);
                    assertThat(judged).isEqualTo(modelFold.next(record));
                    verdicts.merge(judged.decision().verdict(), 1, Integer::sum);
                    TestLog log = logs.get(1 + random.nextInt(RandomCatalog.IMAGES));
                    if (log != null && index.image(log.start().image()).isPresent()) {
                        readSome(log, index, indexers, random);
                    }
                }
            }
        }
        try (RocksDbIndex index = RocksDbIndex.open(folder)) {
            readLogs(index, logs, false);
            readLogs(model, logs, false);
            assertThat(answers(index)).isEqualTo(answers(model));
            assertThat(verdicts).as("the catalogs are worth their while").hasSizeGreaterThan(10);
            return Dump.ofIndex(index);
        }
    }

    private static void readSome(TestLog log, WritableIndex index, Map<Integer, LogIndexer> indexers, Random random)
            throws IOException {
        int number = (int) log.start().image().value().getLeastSignificantBits();
        LogIndexer indexer = indexers.get(number);
        if (indexer == null) {
            indexer = LogIndexer.open(log.start().image(), index, log.start());
            indexers.put(number, indexer);
        }
        read(log, indexer, random.nextInt(EVENTS / 4));
        if (random.nextBoolean()) {
            indexer.write();
        }
    }

    private static void read(TestLog log, LogIndexer indexer, int count) throws IOException {
        int from = Math.toIntExact(indexer.position().sequence().value());
        for (TestLog.Folded folded : log.events().subList(from, Math.min(EVENTS, from + count))) {
            indexer.next(folded.event(), folded.after());
        }
    }

    private static Map<String, String> oneAfterTheOther(
            TestCatalog catalog, Map<Integer, TestLog> logs, boolean shortened, Path folder) throws IOException {
        try (RocksDbIndex index = RocksDbIndex.open(folder)) {
            CatalogFold fold = new CatalogFold(TestCatalog.TOPIC, index);
            for (StoredRecord record : catalog.records()) {
                fold.next(record);
            }
            readLogs(index, logs, shortened);
            return Dump.ofIndex(index);
        }
    }

    /** @param shortened whether the logs begin at their images' floors */
    private static void readLogs(WritableIndex index, Map<Integer, TestLog> logs, boolean shortened)
            throws IOException {
        for (TestLog log : logs.values()) {
            Optional<CatalogImage> image = index.image(log.start().image());
            if (image.isPresent()) {
                int floor = shortened ? Math.toIntExact(image.get().floor().value()) : 0;
                FoldState from = floor == 0 ? log.start() : log.at(floor);
                LogIndexer indexer = LogIndexer.open(image.get().id(), index, from);
                read(log, indexer, EVENTS);
                indexer.write();
            }
        }
    }

    /** What an index says about all images. */
    private static List<Object> answers(MetadataIndex index) throws IOException {
        List<Object> answers = new ArrayList<>();
        answers.add(index.liveImages());
        answers.add(index.nodes());
        for (int number = 0; number < RandomCatalog.NODES; number++) {
            answers.add(index.imagesPlacedOn(RandomCatalog.node(number), Optional.empty(), 1000));
        }
        answers.add(index.imagesByName(Optional.empty(), 1000));
        for (CatalogImage image : index.imagesById(Optional.empty(), 1000)) {
            answers.add(image);
            answers.add(index.snapshots(image.id()));
            answers.add(index.checkpoints(image.id()));
            answers.add(index.clones(image.id()));
            answers.add(index.indexed(image.id()));
            for (int i = 0; i <= EVENTS; i += 7) {
                answers.add(index.placeAtOrBefore(image.id(), new Sequence(i)));
                answers.add(index.placeAtOrBeforeTime(image.id(), i));
                answers.add(index.flushPointAtOrBefore(image.id(), new Sequence(i)));
            }
        }
        return answers;
    }
}
