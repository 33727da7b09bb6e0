package io.qedstore.cli.download;

import io.qedstore.api.ImageExport.Extent;
import java.util.ArrayList;
import java.util.List;

/**
 * What one request fetches: file bytes {@code [start, end)}, of which the pieces are kept. Between the pieces lie zeros.
 *
 * @param pieces in order; the first begins at {@code start}, the last ends at {@code end}
 */
record FetchRange(List<Extent> pieces) {
    FetchRange {
        pieces = List.copyOf(pieces);
    }

    long start() {
        return pieces.get(0).fileOffset();
    }

    long end() {
        return end(pieces.get(pieces.size() - 1));
    }

    int lengthBytes() {
        return Math.toIntExact(end() - start());
    }

    /** How many bytes are kept. */
    long pieceBytes() {
        return pieces.stream().mapToLong(Extent::lengthBytes).sum();
    }

    /**
     * Cuts extents into ranges.
     *
     * @param from the file offset before which nothing is needed any more
     * @param joinBytes extents with less than that between them are fetched together
     * @param maxBytes of one range
     */
    static List<FetchRange> of(List<Extent> extents, long from, int joinBytes, int maxBytes) {
        List<FetchRange> ranges = new ArrayList<>();
        List<Extent> pieces = new ArrayList<>();
        for (Extent extent : extents) {
            long at = Math.max(from, extent.fileOffset());
            while (at < end(extent)) {
                boolean joins = !pieces.isEmpty()
                        && at - end(pieces.get(pieces.size() - 1)) < joinBytes
                        && at - pieces.get(0).fileOffset() < maxBytes;
                if (!joins && !pieces.isEmpty()) {
                    ranges.add(new FetchRange(pieces));
                    pieces.clear();
                }
                long limit = (pieces.isEmpty() ? at : pieces.get(0).fileOffset()) + maxBytes;
                long end = Math.min(end(extent), limit);
                pieces.add(new Extent(at, end - at));
                at = end;
            }
        }
        if (!pieces.isEmpty()) {
            ranges.add(new FetchRange(pieces));
        }
        return ranges;
    }

    private static long end(Extent extent) {
        return extent.fileOffset() + extent.lengthBytes();
    }
}
