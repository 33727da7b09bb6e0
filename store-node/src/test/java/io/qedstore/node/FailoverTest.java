package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.CopyStatus;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogRules;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.node.Failover.Candidate;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailoverTest {
    private static final NodeId ONE = new NodeId("one");
    private static final NodeId TWO = new NodeId("two");

    private static CopyStatus status(Stage stage, long applied) {
        return new CopyStatus(
                stage,
                Optional.empty(),
                Optional.empty(),
                applied,
                applied,
                applied,
                0,
                0,
                0,
                Duration.ZERO,
                0,
                Duration.ZERO);
    }

    /** Deliberate bug: the lesser name comes before the longer history, or both think that they are the best. */
    @Test
    void theCopyWithMoreOfItIsBetterAndOfTwoThatHaveAsMuchExactlyOne() {
        assertThat(new Candidate(TWO, 8).isBetterThan(new Candidate(ONE, 7))).isTrue();
        assertThat(new Candidate(ONE, 7).isBetterThan(new Candidate(TWO, 8))).isFalse();
        assertThat(new Candidate(ONE, 8).isBetterThan(new Candidate(TWO, 8))).isTrue();
        assertThat(new Candidate(TWO, 8).isBetterThan(new Candidate(ONE, 8))).isFalse();
        assertThat(new Candidate(ONE, 8).isBetterThan(new Candidate(ONE, 8))).isFalse();
    }

    /** Deliberate bug: how much a copy has is asked, and not whether it can go on: one that has diverged has failed. */
    @ParameterizedTest
    @EnumSource(Stage.class)
    void onlyACopyThatFollowsItsLogCounts(Stage stage) {
        Optional<Long> expected = stage == Stage.FOLLOWING ? Optional.of(9L) : Optional.empty();
        assertThat(Failover.applied(status(stage, 9))).isEqualTo(expected);
        assertThat(Failover.applied(status(stage, 0))).isEmpty();
    }

    /** Deliberate bug: each image waits for each node that is silent. */
    @Test
    void whoIsSilentIsAskedOnceInATurn() throws IOException {
        InMemoryIndex index = new InMemoryIndex();
        List<CatalogEvent> said = List.of(TestCatalog.announced(TestCatalog.NODE), TestCatalog.created(2, "vm1"));
        for (int i = 0; i < said.size(); i++) {
            CatalogRecord record = new CatalogRecord(1 + i, TestCatalog.NODE, said.get(i));
            index.write(CatalogRules.decide(record, index).changes(), TestCatalog.position(1 + i));
        }
        CatalogImage vm1 = index.image(TestCatalog.image(2)).orElseThrow();
        List<NodeId> asked = new ArrayList<>();
        Failover.Round round = new Failover.Round((node, image) -> {
            asked.add(node);
            if (node.equals(ONE)) {
                throw new IOException("it has said nothing for 3000 ms");
            }
            return Optional.of(8L);
        });
        for (int i = 0; i < 50; i++) {
            assertThat(round.applied(ONE, vm1)).isEmpty();
            assertThat(round.applied(TWO, vm1)).contains(8L);
        }
        assertThat(asked).hasSize(51);
    }
}
