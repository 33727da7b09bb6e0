package io.qedstore.retention;

import io.qedstore.event.Sequence;
import java.util.List;
import java.util.Optional;

/**
 * What would go of an image's history now, and why no more.
 *
 * @param floor where history begins now; 0 for its beginning
 * @param next what would go; empty if nothing would
 * @param bounds why history cannot begin later
 * @param held why what is over the limits cannot go; empty if it can
 */
public record RetentionPlan(Sequence floor, Optional<Going> next, List<Bound> bounds, Optional<String> held) {
    public RetentionPlan {
        bounds = List.copyOf(bounds);
    }

    /**
     * What would go.
     *
     * @param floor where history would begin
     * @param firstEvent of those whose records would be deleted
     * @param lastEvent of those
     * @param fromOffset of the first record that would be deleted
     * @param toOffset one behind the last
     * @param bytes of those records
     */
    public record Going(
            Sequence floor, Sequence firstEvent, Sequence lastEvent, long fromOffset, long toOffset, long bytes) {}
}
