package io.qedstore.retention;

import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.Checkpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which of a holder's checkpoints stay.
 *
 * <ul>
 *   <li>The newest ones, as many as it keeps.
 *   <li>Where the log's beginning was given up: the newest at or below the floor, since no point from the floor on can be made without
 *       it. All pins are at the floor or above. It may go only if two others have later ones at or below the floor.
 *   <li>Where history is limited: some between, at least as far from each other as a quarter of what lies from the floor to the newest,
 *       so that there is always one at which history may begin next.
 * </ul>
 */
final class NeededCheckpoints {
    private static final int OTHERS = 2;
    private static final int PARTS = 4;

    private NeededCheckpoints() {}

    /**
     * @param known of the image, all holders'
     * @param keep how many of the newest stay
     */
    static Set<Sequence> of(CatalogImage image, List<Checkpoint> known, NodeId holder, int keep) {
        List<Sequence> own = known.stream()
                .filter(checkpoint -> checkpoint.holder().equals(holder))
                .map(Checkpoint::sequence)
                .sorted()
                .toList();
        Set<Sequence> needed = new HashSet<>(own.subList(Math.max(0, own.size() - keep), own.size()));
        if (!image.floor().equals(Sequence.NONE)) {
            own.stream()
                    .filter(sequence -> sequence.compareTo(image.floor()) <= 0)
                    .reduce((lower, higher) -> higher)
                    .filter(base -> laterOfOthers(image, known, holder, base) < OTHERS)
                    .ifPresent(needed::add);
        }
        if (keep > 0 && image.settings().retention().isLimited()) {
            needed.addAll(spread(own, image.floor()));
        }
        return needed;
    }

    private static List<Sequence> spread(List<Sequence> own, Sequence floor) {
        List<Sequence> spread = new ArrayList<>();
        long last = floor.value();
        long newest = own.isEmpty() ? 0 : own.get(own.size() - 1).value();
        long step = Math.max(1, (newest - last) / PARTS);
        for (Sequence each : own) {
            boolean isFirst = spread.isEmpty() && each.compareTo(floor) > 0;
            if (isFirst || (!spread.isEmpty() && each.value() - last >= step)) {
                spread.add(each);
                last = each.value();
            }
        }
        return spread;
    }

    private static long laterOfOthers(CatalogImage image, List<Checkpoint> known, NodeId holder, Sequence base) {
        return known.stream()
                .filter(checkpoint -> !checkpoint.holder().equals(holder)
                        && checkpoint.sequence().compareTo(base) > 0
                        && checkpoint.sequence().compareTo(image.floor()) <= 0)
                .map(Checkpoint::holder)
                .distinct()
                .count();
    }
}
