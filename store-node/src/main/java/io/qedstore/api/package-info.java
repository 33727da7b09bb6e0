/**
 * The HTTP API of a node: JSON under {@code /v1}, errors as problem details (RFC 9457).
 *
 * <p>It knows {@link io.qedstore.api.NodeService}, which the node implements, and the records that are the JSON; nothing of
 * Kafka, volumes or files. Called by {@code io.qedstore.node}; the command line program uses the records. Start reading at
 * {@link io.qedstore.api.NodeService}.
 */
@NullMarked
package io.qedstore.api;

import org.jspecify.annotations.NullMarked;
