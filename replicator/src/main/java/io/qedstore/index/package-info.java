/**
 * What the logs say, so that it can be asked: nodes, images, snapshots and checkpoints by the catalog, and places in an
 * image's history by its log.
 *
 * <p>Asked by nodes and tools; filled by {@link io.qedstore.index.CatalogFold} and {@link io.qedstore.index.LogIndexer}. Knows
 * neither where the index is kept nor where logs are read. Start at {@link io.qedstore.index.MetadataIndex} and
 * {@link io.qedstore.index.CatalogRules}.
 */
@NullMarked
package io.qedstore.index;

import org.jspecify.annotations.NullMarked;
