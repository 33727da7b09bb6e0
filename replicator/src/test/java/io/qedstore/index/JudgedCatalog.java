package io.qedstore.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.CatalogEvent;
import java.io.IOException;

/** A catalog that is folded as it is written, and what its records have to be worth. */
final class JudgedCatalog {
    private final InMemoryIndex index = new InMemoryIndex();
    private final TestCatalog catalog = new TestCatalog();

    InMemoryIndex index() {
        return index;
    }

    void applied(CatalogEvent event) {
        CatalogDecision decision = add(event);
        assertThat(decision.verdict()).as(decision.reason()).isEqualTo(CatalogVerdict.APPLIED);
        assertThat(decision.reason()).isEmpty();
    }

    /** @return the reason */
    String isVoid(CatalogVerdict verdict, CatalogEvent event) {
        CatalogDecision decision = add(event);
        assertThat(decision.verdict()).as(decision.reason()).isEqualTo(verdict);
        assertThat(decision.reason()).isNotEmpty();
        assertThat(decision.changes()).isEmpty();
        return decision.reason();
    }

    CatalogDecision add(CatalogEvent event) {
        try {
            return new CatalogFold(TestCatalog.TOPIC, index)
                    .next(catalog.add(event))
                    .decision();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
