package io.qedstore.index;

import static io.qedstore.index.TestCatalog.created;
import static io.qedstore.index.TestCatalog.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.io.IOException;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The catalog's records, one after the other. */
class CatalogFoldTest {
    /** By node n, with a field 110 that nobody knows. */
    private static final byte[] NEWER = HexFormat.of().parseHex("080512016ef20600");

    private final InMemoryIndex index = new InMemoryIndex();
    private final TestCatalog catalog = new TestCatalog();

    @BeforeEach
    void announce() throws IOException {
        fold().next(catalog.add(TestCatalog.announced(TestCatalog.NODE)));
    }

    private CatalogFold fold() throws IOException {
        return new CatalogFold(TestCatalog.TOPIC, index);
    }

    @Test
    void theFoldGoesOnWhereTheIndexStands() throws IOException {
        CatalogFold first = fold();
        CatalogFold.Judged judged = first.next(catalog.add(created(1, "a")));
        assertThat(judged.offset()).isEqualTo(1);
        assertThat(judged.record()).map(record -> record.event()).contains(created(1, "a"));
        assertThat(index.catalogPosition()).contains(TestCatalog.position(2));
        CatalogFold second = fold();
        assertThat(second.position()).isEqualTo(TestCatalog.position(2).position());
        second.next(catalog.add(created(2, "b")));
        assertThat(index.image(image(2))).isPresent();
    }

    // Deliberate bug: the position of a record that does nothing is not written.
    @Test
    void whatIsNoRecordDoesNothingAndIsLeftBehind() throws IOException {
        CatalogFold.Judged judged = fold().next(catalog.add(new byte[] {1, 2, 3}));
        assertThat(judged.record()).isEmpty();
        assertThat(judged.decision().verdict()).isEqualTo(CatalogVerdict.JUNK);
        assertThat(fold().position().nextOffset()).isEqualTo(2);
    }

    // Deliberate bug: a record that is not understood is left behind.
    @Test
    void theFoldStopsAtWhatItDoesNotUnderstand() throws IOException {
        CatalogFold fold = fold();
        StoredRecord newer = catalog.add(NEWER);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> fold.next(newer))
                    .isInstanceOf(LogException.NotUnderstood.class)
                    .hasMessageContaining("offset 1 of the catalog");
        }
        assertThat(index.catalogPosition()).contains(TestCatalog.position(1));
    }

    @Test
    void recordsThatAreMissingAreNoticed() throws IOException {
        CatalogFold fold = fold();
        catalog.add(created(1, "a"));
        StoredRecord second = catalog.add(created(2, "b"));
        assertThatThrownBy(() -> fold.next(second)).isInstanceOf(LogException.Gap.class);
    }

    @Test
    void anotherTopicIsNotTheCatalogThatTheIndexWasMadeFrom() throws IOException {
        fold().next(catalog.add(created(1, "a")));
        assertThatThrownBy(() -> new CatalogFold(new TopicId(new UUID(8, 8)), index))
                .isInstanceOf(LogException.Recreated.class);
    }
}
