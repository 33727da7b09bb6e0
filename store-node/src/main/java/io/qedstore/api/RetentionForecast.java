package io.qedstore.api;

import java.util.List;
import java.util.Optional;

/**
 * What would go of an image's history now.
 *
 * @param floor the event at which history begins; 0 for its beginning
 * @param going empty if nothing would go
 * @param bounds why history cannot begin later
 * @param held why what is over the limits is kept all the same; empty if it is not
 */
public record RetentionForecast(
        String image, long floor, Optional<Going> going, List<RetentionBound> bounds, Optional<String> held) {
    public RetentionForecast {
        bounds = List.copyOf(bounds);
    }

    /**
     * What would go.
     *
     * @param floor the event at which history would begin
     * @param firstEvent whose record would be deleted
     * @param lastEvent whose record would be deleted
     * @param fromOffset of the first record
     * @param toOffset one behind the last record
     * @param bytes of these records
     */
    public record Going(long floor, long firstEvent, long lastEvent, long fromOffset, long toOffset, long bytes) {}
}
