package io.qedstore.index;

import static io.qedstore.index.TestCatalog.announced;
import static io.qedstore.index.TestCatalog.created;
import static io.qedstore.index.TestCatalog.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of an image's log. */
class LogIndexerTest {
    private static final ImageId IMAGE = image(1);

    private final InMemoryIndex index = new InMemoryIndex();

    @BeforeEach
    void create() throws IOException {
        CatalogFold fold = new CatalogFold(TestCatalog.TOPIC, index);
        TestCatalog catalog = new TestCatalog();
        fold.next(catalog.add(announced(TestCatalog.NODE)));
        fold.next(catalog.add(created(1, "a")));
    }

    private LogIndexer indexer(TestLog log) throws IOException {
        return LogIndexer.open(IMAGE, index, log.start());
    }

    private static void feed(LogIndexer indexer, List<TestLog.Folded> events) throws IOException {
        for (TestLog.Folded folded : events) {
            indexer.next(folded.event(), folded.after());
        }
    }

    // Deliberate bug: the flush point gets the time of the event that names it, or is that event.
    @Test
    void aFlushBeforeAnEventMakesAFlushPointOfTheOneInFrontOfIt() throws IOException {
        TestLog log = new TestLog(1);
        log.event(10, true);
        log.event(20, false);
        log.event(35, true);
        LogIndexer indexer = indexer(log);
        feed(indexer, log.events());
        indexer.write();
        assertThat(index.flushPointAtOrBefore(IMAGE, new Sequence(3))).contains(new FlushPoint(new Sequence(2), 20));
        assertThat(index.flushPointAtOrBefore(IMAGE, new Sequence(1)))
                .as("before the first event there is nothing to flush")
                .isEmpty();
    }

    @Test
    void everySoManyEventsAPlaceIsKept() throws IOException {
        TestLog log = TestLog.of(1, 200);
        LogIndexer indexer = indexer(log);
        feed(indexer, log.events());
        assertThat(index.indexed(IMAGE)).isEmpty();
        indexer.write();
        assertThat(index.indexed(IMAGE)).contains(log.at(200));
        assertThat(index.placeAtOrBefore(IMAGE, new Sequence(63))).isEmpty();
        assertThat(index.placeAtOrBefore(IMAGE, new Sequence(191))).contains(log.at(128));
        assertThat(index.placeAtOrBefore(IMAGE, new Sequence(200))).contains(log.at(192));
    }

    @Test
    void anIndexerGoesOnWhereTheIndexStands() throws IOException {
        TestLog log = TestLog.of(1, 200);
        LogIndexer first = indexer(log);
        feed(first, log.events().subList(0, 100));
        first.write();
        feed(first, log.events().subList(100, 150));
        LogIndexer second = indexer(log);
        assertThat(second.position()).isEqualTo(log.at(100));
        feed(second, log.events().subList(100, 200));
        second.write();
        assertThat(index.placeAtOrBefore(IMAGE, new Sequence(150))).contains(log.at(128));
    }

    @Test
    void eventsComeInOrder() throws IOException {
        TestLog log = TestLog.of(1, 3);
        LogIndexer indexer = indexer(log);
        TestLog.Folded second = log.events().get(1);
        assertThatThrownBy(() -> indexer.next(second.event(), second.after()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected event 1");
        assertThatThrownBy(() -> LogIndexer.open(image(2), index, log.start()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // Deliberate bug: nothing is written before somebody asks for it.
    @Test
    void whatWaitsToBeWrittenIsBounded() throws IOException {
        TestLog log = new TestLog(1);
        for (int i = 1; i <= LogIndexer.MAX_PENDING + 10; i++) {
            log.event(i, true);
        }
        feed(indexer(log), log.events());
        assertThat(index.indexed(IMAGE)).isPresent();
    }

    @Test
    void aLogThatDoesNotReachBackIsIndexedFromACheckpointOn() throws IOException {
        TestLog log = TestLog.of(1, 300);
        LogIndexer indexer = indexer(log);
        feed(indexer, log.events().subList(0, 10));
        indexer.skipTo(log.at(128));
        assertThat(index.placeAtOrBefore(IMAGE, new Sequence(128))).contains(log.at(128));
        feed(indexer, log.events().subList(128, 300));
        indexer.write();
        assertThat(index.placeAtOrBefore(IMAGE, new Sequence(200))).contains(log.at(192));
        assertThatThrownBy(() -> indexer.skipTo(log.at(20))).isInstanceOf(IllegalArgumentException.class);
    }
}
