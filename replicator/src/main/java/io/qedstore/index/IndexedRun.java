package io.qedstore.index;

import io.qedstore.event.ImageId;
import io.qedstore.fold.FoldState;
import java.util.List;
import java.util.Optional;

/**
 * What is kept of a run of an image's log.
 *
 * @param from where the index stands now; empty if nothing of the image is indexed
 * @param places some of the states of the fold in between
 * @param to where it stands then
 */
public record IndexedRun(
        ImageId image, Optional<FoldState> from, List<FlushPoint> flushPoints, List<FoldState> places, FoldState to) {
    public IndexedRun {
        flushPoints = List.copyOf(flushPoints);
        places = List.copyOf(places);
    }
}
