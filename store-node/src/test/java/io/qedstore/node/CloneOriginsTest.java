package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.backing.BaseChain;
import io.qedstore.event.Backing;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogRules;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CloneOriginsTest {
    private final InMemoryIndex index = new InMemoryIndex();
    private int said;

    private void say(CatalogEvent event) throws IOException {
        said++;
        CatalogRecord record = new CatalogRecord(1_000_000L * said, TestCatalog.NODE, event);
        index.write(CatalogRules.decide(record, index).changes(), TestCatalog.position(said));
    }

    private CatalogImage image(int number) {
        return index.image(TestCatalog.image(number)).orElseThrow();
    }

    /** Deliberate bugs: one more is let in, which nobody could open; one fewer is. */
    @Test
    void soManyImagesLieBehindOneAndNoneMore() throws IOException {
        say(TestCatalog.announced(TestCatalog.NODE));
        say(TestCatalog.created(1, "vm1"));
        for (int clone = 2; clone <= BaseChain.MAX_BASES + 1; clone++) {
            CatalogImage base = image(clone - 1);
            CloneOrigins.requireShallow(base, index);
            Backing over = new Backing(base.id(), base.lineage(), new Sequence(3));
            say(TestCatalog.created(clone, "vm" + clone, Optional.of(over)));
        }
        CatalogImage deepest = image(BaseChain.MAX_BASES + 1);
        assertThat(BaseChain.of(deepest, index)).hasSize(16);
        assertThatThrownBy(() -> CloneOrigins.requireShallow(deepest, index))
                .isInstanceOfSatisfying(ServiceException.class, refused -> assertThat(refused.error())
                        .isEqualTo(ServiceError.CONFLICT))
                .hasMessageContaining("image vm17 has 16 images behind it, and no clone may have more than 16")
                .hasMessageContaining("exported with --flatten");
    }
}
