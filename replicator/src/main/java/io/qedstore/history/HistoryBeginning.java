package io.qedstore.history;

import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * From where a history is to be read: the newest checkpoint before what is wanted, or the log's beginning.
 *
 * @param place from which all of the window can be told, or else the earliest that there is
 * @param isCut whether something of the window was given up
 */
public record HistoryBeginning(FoldState place, boolean isCut) {

    /** Finds it. Looks at checkpoints, not at the log. */
    public static HistoryBeginning find(RebuildSource source, HistoryWindow window) throws IOException {
        Optional<FoldState> before = window.from().isEmpty()
                ? Optional.empty()
                : source.newestPlace(place ->
                        window.isTooEarly(place.sequence().value(), place.timeMicros()) && isLeft(source, place));
        if (before.isPresent()) {
            return new HistoryBeginning(before.get(), false);
        }
        Sequence floor = source.image().floor();
        if (floor.equals(Sequence.NONE)) {
            return new HistoryBeginning(source.start(), false);
        }
        FoldState earliest = source.newestPlace(place -> place.sequence().compareTo(floor) <= 0)
                .orElse(source.start());
        return new HistoryBeginning(earliest, !earliest.equals(source.start()));
    }

    /** Checkpoints below the one at the floor may lie where the log is gone. */
    private static boolean isLeft(RebuildSource source, FoldState place) {
        return place.sequence().compareTo(source.image().floor()) >= 0;
    }

    /** What tells readers that more was there. */
    public Optional<HistoryEntry> entry() {
        if (!isCut) {
            return Optional.empty();
        }
        return Optional.of(new HistoryEntry(
                HistoryEntry.Kind.BEGINNING,
                place.sequence(),
                place.timeMicros(),
                place.epoch(),
                place.ownership().node(),
                OptionalLong.empty(),
                0,
                List.of(),
                Optional.empty(),
                Optional.of("events up to " + place.sequence() + " were given up")));
    }
}
