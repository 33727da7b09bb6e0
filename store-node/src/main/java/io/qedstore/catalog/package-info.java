/**
 * The catalog of the cluster: followed by every node into its index, and changed by records of which the log's order says
 * which count.
 *
 * <p>Called by {@code io.qedstore.node}. It knows the log and the index, and nothing of volumes, NBD or HTTP. Start reading at
 * {@link io.qedstore.catalog.Catalog}.
 */
@NullMarked
package io.qedstore.catalog;

import org.jspecify.annotations.NullMarked;
