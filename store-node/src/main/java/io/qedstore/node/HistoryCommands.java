package io.qedstore.node;

import io.qedstore.api.HistoryItems;
import io.qedstore.api.HistoryRequest;
import io.qedstore.api.NotHereException;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.NodeId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.FoldStateException;
import io.qedstore.history.GuestRange;
import io.qedstore.history.HistoryBeginning;
import io.qedstore.history.HistoryEntry;
import io.qedstore.history.HistoryPage;
import io.qedstore.history.HistoryReader;
import io.qedstore.history.HistoryWindow;
import io.qedstore.history.HistoryWindow.AtEvent;
import io.qedstore.history.HistoryWindow.AtTime;
import io.qedstore.history.HistoryWindow.Edge;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.Snapshot;
import io.qedstore.log.LogException;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Who wrote what when. Any node reads that from the log; where the log's beginning is gone, one that has a checkpoint. What a page
 * names as the next is the whole state of the fold there, so that the node keeps nothing for whoever reads on, or does not.
 */
final class HistoryCommands {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final NodeParts parts;
    private final ImageLookup lookup;

    HistoryCommands(NodeParts parts, ImageLookup lookup) {
        this.parts = parts;
        this.lookup = lookup;
    }

    HistoryItems history(String name, HistoryRequest request) throws IOException {
        CatalogImage image = lookup.live(name);
        HistoryWindow window = window(image, request);
        RebuildSource source = parts.sources().of(image, PATIENCE);
        HistoryReader reader = new HistoryReader(source.log(), parts.index(), PATIENCE);
        try {
            if (request.after().isPresent()) {
                FoldState from = place(image, source.start(), request.after().get());
                return items(reader.page(from, window, request.limit()), Optional.empty());
            }
            HistoryBeginning beginning = HistoryBeginning.find(source, window);
            return items(reader.page(beginning.place(), window, request.limit()), beginning.entry());
        } catch (LogException.Gap e) {
            NodeId owner = image.placement().owner();
            if (!owner.equals(parts.self()) && request.after().isEmpty()) {
                throw new NotHereException(
                        owner.value(),
                        "the log of image " + name + " has lost its beginning, and this node has no checkpoint");
            }
            throw new ServiceException(
                    ServiceError.CONFLICT, String.valueOf(source.notCovered(e).getMessage()), e);
        }
    }

    // ---- the window

    private HistoryWindow window(CatalogImage image, HistoryRequest request) throws IOException {
        try {
            Optional<GuestRange> range = request.guestOffset()
                    .map(offset -> new GuestRange(offset, request.lengthBytes().orElseThrow()));
            return new HistoryWindow(edge(image, "from", request.from()), edge(image, "to", request.to()), range);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ServiceError.INVALID, "image " + image.name() + ": " + e.getMessage(), e);
        }
    }

    private Optional<Edge> edge(CatalogImage image, String what, Optional<String> text) throws IOException {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Point point = Point.parse(text.get());
        if (point instanceof Point.AtSequence at) {
            return Optional.of(new AtEvent(at.sequence()));
        } else if (point instanceof Point.AtTime at) {
            return Optional.of(new AtTime(micros(at.time())));
        } else if (point instanceof Point.AtSnapshot at) {
            return Optional.of(new AtEvent(parts.index()
                    .snapshot(image.id(), at.name())
                    .map(Snapshot::sequence)
                    .orElseThrow(() -> new ServiceException(
                            ServiceError.NOT_FOUND,
                            "image " + image.name() + " has no snapshot " + at.name() + "; `qedstore image snapshot"
                                    + " list " + image.name() + "` shows those there are"))));
        } else if (what.equals("from")) {
            throw new IllegalArgumentException(
                    "nothing has come behind latest yet; expected seq:N, time:T or snapshot:NAME to begin at");
        }
        return Optional.empty();
    }

    private long micros(Instant time) {
        Instant now = Instant.ofEpochMilli(parts.clock().wallMicros() / 1000);
        if (time.isAfter(now)) {
            throw new IllegalArgumentException(
                    "time:" + time + " lies in the future, it is " + now + " now; expected a time until now");
        }
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    // ---- pages

    private static FoldState place(CatalogImage image, FoldState start, String text) throws ServiceException {
        try {
            FoldState place = FoldStateCodec.decode(Base64.getUrlDecoder().decode(text));
            boolean isOfThis = place.image().equals(start.image())
                    && place.lineage().equals(start.lineage())
                    && place.topicId().equals(start.topicId());
            if (isOfThis) {
                return place;
            }
        } catch (FoldStateException | IllegalArgumentException e) {
            throw new ServiceException(ServiceError.INVALID, notAPlace(image) + ": " + e.getMessage(), e);
        }
        throw new ServiceException(ServiceError.INVALID, notAPlace(image) + ", but of another");
    }

    private static String notAPlace(CatalogImage image) {
        return "'after' is no place in the history of image " + image.name() + " as a page before has named it";
    }

    private static HistoryItems items(HistoryPage page, Optional<HistoryEntry> first) {
        List<HistoryEntry> entries = new ArrayList<>(first.stream().toList());
        entries.addAll(page.entries());
        return new HistoryItems(
                entries.stream().map(Views::history).toList(), page.next().map(place -> Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(FoldStateCodec.encode(place))));
    }
}
