package io.qedstore.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.NodeId;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever is written into a catalog, what is found by a name or by a node is what the images themselves say.
 *
 * <p>Deliberate bugs that turn it red: a purge that leaves the image on its nodes; a node that is removed while an image in the
 * trash is placed on it; an image that comes back and is not counted.
 */
class CatalogAgreementTest {
    private static final int RECORDS = 300;

    private final JudgedCatalog catalog = new JudgedCatalog();
    private final MetadataIndex index = catalog.index();

    @Test
    void theIndexAgreesWithItself() {
        Seeds.forEach(20, seed -> new CatalogAgreementTest().run(new Random(seed)));
    }

    private void run(Random random) throws IOException {
        RandomCatalog events = new RandomCatalog(random, 100);
        for (int i = 0; i < RECORDS; i++) {
            catalog.add(events.next());
            check();
        }
    }

    private void check() throws IOException {
        List<CatalogImage> images = index.imagesById(Optional.empty(), RandomCatalog.IMAGES);
        assertThat(index.liveImages())
                .isEqualTo(index.imagesByName(Optional.empty(), RandomCatalog.IMAGES)
                        .size());
        assertThat(index.imagesByName(Optional.empty(), RandomCatalog.IMAGES))
                .containsExactlyInAnyOrderElementsOf(images.stream()
                        .filter(image -> image.life() == ImageLife.LIVE)
                        .toList());
        List<CatalogImage> placed = images.stream()
                .filter(image -> image.life() != ImageLife.PURGED)
                .toList();
        for (int number = 0; number < RandomCatalog.NODES; number++) {
            NodeId node = RandomCatalog.node(number);
            List<CatalogImage> onNode = placed.stream()
                    .filter(image -> image.placement().nodes().contains(node))
                    .toList();
            assertThat(index.imagesPlacedOn(node, Optional.empty(), RandomCatalog.IMAGES))
                    .isEqualTo(onNode);
            assertThat(index.node(node).isPresent() || onNode.isEmpty())
                    .as("node %s is announced, or nothing is placed on it", node)
                    .isTrue();
        }
    }
}
