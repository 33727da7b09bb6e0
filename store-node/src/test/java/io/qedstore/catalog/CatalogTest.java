package io.qedstore.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.CatalogEvent;
import io.qedstore.event.FormatVersion;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogVerdict;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.log.LogException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CatalogTest {
    private static final long DEADLINE_SECONDS = 20;
    private static final NodeId OTHER = new NodeId("node-2");

    private final SharedLog log = new SharedLog();
    private final InMemoryIndex index = new InMemoryIndex();
    private final List<IOException> failures = Collections.synchronizedList(new ArrayList<>());
    private final List<CatalogChange> changes = Collections.synchronizedList(new ArrayList<>());
    private final List<Catalog> open = new ArrayList<>();
    private volatile boolean listenerThrows;

    @AfterEach
    void closeAll() throws IOException {
        for (Catalog each : open) {
            each.close();
        }
    }

    private Catalog catalog(NodeId self, InMemoryIndex into) throws IOException {
        Catalog made = new Catalog(log, into, self, () -> 1_000_000, new Catalog.Listener() {
            @Override
            public void changed(List<CatalogChange> now) {
                changes.addAll(now);
                if (listenerThrows) {
                    throw new IllegalStateException("a bug");
                }
            }

            @Override
            public void failed(IOException cause) {
                failures.add(cause);
            }
        });
        open.add(made);
        made.start();
        return made;
    }

    private Catalog started() throws Exception {
        Catalog made = catalog(TestCatalog.NODE, index);
        get(made.caughtUp());
        get(made.submit(TestCatalog.announced(TestCatalog.NODE)));
        return made;
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private static Throwable failureOf(CompletableFuture<?> future) throws Exception {
        try {
            get(future);
        } catch (ExecutionException e) {
            return e.getCause() == null ? e : e.getCause();
        }
        throw new AssertionError("it succeeded");
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(DEADLINE_SECONDS).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("it did not come to that");
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void whoeverWritesIsToldWhenTheIndexHasIt() throws Exception {
        Catalog catalog = started();
        CatalogDecision decision = get(catalog.submit(TestCatalog.created(1, "vm1")));
        assertThat(decision.verdict()).isEqualTo(CatalogVerdict.APPLIED);
        assertThat(index.image(new ImageName("vm1"))).isPresent();
        assertThat(changes).hasAtLeastOneElementOfType(CatalogChange.ImageSet.class);
        assertThat(catalog.problem()).isEmpty();
        assertThat(catalog.nextOffset()).isEqualTo(log.end());
    }

    @Test
    void whatDoesNotCountIsAnsweredWithTheReason() throws Exception {
        Catalog catalog = started();
        CatalogDecision decision = get(catalog.submit(new CatalogEvent.ImageDeleted(TestCatalog.image(9))));
        assertThat(decision.verdict()).isEqualTo(CatalogVerdict.NO_SUCH_IMAGE);
        assertThat(decision.reason()).isNotEmpty();
    }

    @Test
    void ofTwoNodesThatWantOneNameTheSecondIsTold() throws Exception {
        Catalog one = started();
        Catalog two = catalog(OTHER, new InMemoryIndex());
        get(two.submit(TestCatalog.announced(OTHER)));
        CompletableFuture<CatalogDecision> first = one.submit(TestCatalog.created(1, "vm1"));
        CompletableFuture<CatalogDecision> second =
                two.submit(TestCatalog.created(2, "vm1", new Placement(OTHER, List.of())));
        assertThat(List.of(get(first).verdict(), get(second).verdict()))
                .containsExactlyInAnyOrder(CatalogVerdict.APPLIED, CatalogVerdict.NAME_TAKEN);
    }

    @Test
    void whatSomeNodeCannotReadIsNotWrittenUntilThatIsUpgraded() throws Exception {
        Catalog catalog = started();
        get(catalog.submit(TestCatalog.created(1, "vm1")));
        get(catalog.submit(TestCatalog.announced(OTHER, EnumSet.allOf(NodeRole.class), 1)));
        CatalogEvent rewind = new CatalogEvent.RewindBegun(TestCatalog.image(1), new Sequence(1), new Sequence(2));
        long end = log.end();
        assertThat(failureOf(catalog.submit(rewind)))
                .isInstanceOf(OlderNodeException.class)
                .hasMessageContaining("node " + OTHER + " understands version 1");
        assertThat(log.end()).isEqualTo(end);
        get(catalog.submit(TestCatalog.announced(OTHER, EnumSet.allOf(NodeRole.class), FormatVersion.NEWEST)));
        assertThat(get(catalog.submit(rewind)).verdict()).isEqualTo(CatalogVerdict.APPLIED);
    }

    @Test
    void aRecordThatIsFoldedBeforeItsPlaceIsKnownIsAnsweredAllTheSame() throws Exception {
        Catalog catalog = started();
        log.holdOffsets(true);
        CompletableFuture<CatalogDecision> first = catalog.submit(TestCatalog.created(1, "vm1"));
        CompletableFuture<CatalogDecision> second = catalog.submit(TestCatalog.created(2, "vm1"));
        await(() -> catalog.nextOffset() == 3);
        assertThat(first).isNotDone();
        log.holdOffsets(false);
        assertThat(get(first).verdict()).isEqualTo(CatalogVerdict.APPLIED);
        assertThat(get(second).verdict()).isEqualTo(CatalogVerdict.NAME_TAKEN);
    }

    @Test
    void anAppendThatFailsIsUncertainAndTheNextOneGoes() throws Exception {
        Catalog catalog = started();
        for (boolean lost : new boolean[] {true, false}) {
            log.failAppends(new LogException.Unavailable("no broker"), lost);
            assertThat(failureOf(catalog.submit(TestCatalog.created(lost ? 1 : 2, lost ? "lost" : "there"))))
                    .isInstanceOf(CatalogUncertainException.class)
                    .hasMessageContaining("no broker")
                    .hasMessageContaining("before you ask again");
        }
        log.failAppends(null, false);
        get(catalog.submit(TestCatalog.created(3, "vm3")));
        assertThat(index.image(new ImageName("lost"))).isEmpty();
        assertThat(index.image(new ImageName("there"))).isPresent();
        assertThat(index.image(new ImageName("vm3"))).isPresent();
    }

    @Test
    void aLogThatDoesNotAnswerIsFollowedAgainWhenItDoes() throws Exception {
        Catalog catalog = started();
        log.failNextRead(new LogException.Unavailable("no broker"));
        await(() -> catalog.problem().orElse("").contains("no broker"));
        CatalogDecision decision = get(catalog.submit(TestCatalog.created(1, "vm1")));
        assertThat(decision.verdict()).isEqualTo(CatalogVerdict.APPLIED);
        await(() -> catalog.problem().isEmpty());
        assertThat(failures).isEmpty();
    }

    @Test
    void aLogThatCannotBeFollowedEndsItByNameAndNobodyIsKeptWaiting() throws Exception {
        Catalog catalog = started();
        log.holdOffsets(true);
        CompletableFuture<CatalogDecision> waits = catalog.submit(TestCatalog.created(1, "vm1"));
        await(() -> catalog.nextOffset() == 2);
        log.failNextRead(new LogException.Truncated("records are gone"));
        assertThat(failureOf(waits))
                .isInstanceOf(CatalogUncertainException.class)
                .hasMessageContaining("records are gone");
        await(() -> failures.size() == 1);
        assertThat(catalog.problem().orElse("")).contains("records are gone");

        int before = log.end();
        assertThat(failureOf(catalog.submit(TestCatalog.created(2, "vm2")))).hasMessageContaining("records are gone");
        assertThat(log.end()).as("nothing is written to it").isEqualTo(before);
    }

    @Test
    void aCatalogThatCannotBeReadAtTheStartSaysSo() throws Exception {
        log.failNextRead(new LogException.Recreated("another topic"));
        Catalog catalog = catalog(TestCatalog.NODE, index);
        assertThat(failureOf(catalog.caughtUp())).isInstanceOf(LogException.Recreated.class);
        await(() -> !failures.isEmpty());
        assertThat(failures).singleElement().isInstanceOf(LogException.Recreated.class);
    }

    @Test
    void whatIsNoRecordIsPassedOver() throws Exception {
        Catalog catalog = started();
        log.put(new byte[] {1, 2, 3});
        assertThat(get(catalog.submit(TestCatalog.created(1, "vm1"))).verdict()).isEqualTo(CatalogVerdict.APPLIED);
    }

    @Test
    void aListenersMistakeDoesNotEndTheFollowing() throws Exception {
        Catalog catalog = started();
        listenerThrows = true;
        assertThat(get(catalog.submit(TestCatalog.created(1, "vm1"))).verdict()).isEqualTo(CatalogVerdict.APPLIED);
        assertThat(get(catalog.submit(TestCatalog.created(2, "vm2"))).verdict()).isEqualTo(CatalogVerdict.APPLIED);
        assertThat(failures).isEmpty();
    }

    @Test
    void nobodyIsKeptWaitingByACatalogThatIsClosed() throws Exception {
        Catalog catalog = started();
        log.holdOffsets(true);
        CompletableFuture<CatalogDecision> before = catalog.submit(TestCatalog.created(1, "vm1"));
        await(() -> catalog.nextOffset() == 2);
        catalog.close();
        assertThat(failureOf(before)).isInstanceOf(CatalogUncertainException.class);
        assertThat(failureOf(catalog.submit(TestCatalog.created(2, "vm2")))).hasMessageContaining("stops");
    }
}
