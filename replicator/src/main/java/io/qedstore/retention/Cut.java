package io.qedstore.retention;

import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.Checkpoint;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A beginning that an image's log may have: all points from the floor on can be made from two checkpoints, which lie on two nodes, or
 * from one that lies in a store of objects.
 *
 * @param base whose place the log begins behind; of this node, or in a store of objects
 * @param floor where history begins: at the later of the two checkpoints
 */
public record Cut(Checkpoint base, Checkpoint floor) {
    /**
     * Who may be counted on.
     *
     * @param self this node, which knows where in the log its checkpoints are
     * @param objects stores of which one is enough
     */
    record Holders(NodeId self, Set<NodeId> objects) {
        boolean isBase(Checkpoint checkpoint) {
            return checkpoint.holder().equals(self) || isEnough(checkpoint);
        }

        boolean isEnough(Checkpoint checkpoint) {
            return objects.contains(checkpoint.holder());
        }

        boolean isSecond(Checkpoint checkpoint, CatalogImage image) {
            return !checkpoint.holder().equals(self)
                    && (isEnough(checkpoint) || image.placement().nodes().contains(checkpoint.holder()));
        }
    }

    /**
     * The latest that can be.
     *
     * @param known what the catalog says that there is
     * @param allowed which checkpoints history may begin at
     * @param notAbove bases behind this event are left out
     */
    static Optional<Cut> latest(
            CatalogImage image,
            Collection<Checkpoint> known,
            Holders holders,
            Predicate<Checkpoint> allowed,
            Sequence notAbove) {
        List<Checkpoint> bases = known.stream()
                .filter(checkpoint ->
                        holders.isBase(checkpoint) && checkpoint.sequence().compareTo(notAbove) <= 0)
                .sorted(Comparator.comparing(Checkpoint::sequence).reversed())
                .toList();
        for (Checkpoint base : bases) {
            Optional<Checkpoint> floor = holders.isEnough(base)
                    ? Optional.of(base)
                    : known.stream()
                            .filter(other -> holders.isSecond(other, image)
                                    && other.sequence().compareTo(base.sequence()) >= 0)
                            .min(Comparator.comparing(Checkpoint::sequence));
            if (floor.isPresent() && allowed.test(floor.get())) {
                return Optional.of(new Cut(base, floor.get()));
            }
        }
        return Optional.empty();
    }
}
