package io.qedstore.event;

/**
 * One record of the catalog.
 *
 * @param timeMicros since 1970, by the clock of the node that wrote it; for people
 * @param node that wrote it; for people
 */
public record CatalogRecord(long timeMicros, NodeId node, CatalogEvent event) {
    public CatalogRecord {
        if (timeMicros < 0) {
            throw new IllegalArgumentException("a time of " + timeMicros + " microseconds");
        }
    }
}
