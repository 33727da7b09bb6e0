package io.qedstore.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An image, as the catalog knows it, and this node's copy.
 *
 * @param life one of {@code LIVE}, {@code TRASHED}, {@code PURGED}
 * @param tableClusters of an L1 or L2 table
 * @param backing what it lies over, if it is a clone
 * @param owner meant to own it; who does in fact, the copies say
 * @param deletedAt empty if it lives
 * @param rewind that is under way
 * @param copy this node's; empty if it has none
 */
public record ImageInfo(
        String name,
        String id,
        String lineage,
        String life,
        long sizeBytes,
        int clusterBytes,
        int tableClusters,
        Optional<BackingInfo> backing,
        SettingsInfo settings,
        String owner,
        List<String> replicas,
        Instant createdAt,
        Optional<Instant> deletedAt,
        Optional<RewindInfo> rewind,
        Optional<CopyInfo> copy) {
    public ImageInfo {
        replicas = List.copyOf(replicas);
    }
}
