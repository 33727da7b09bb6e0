/**
 * A whole cluster on one machine, for trying things out: brokers, and nodes as processes of their own or in this one.
 *
 * <p>Called by the commands {@code dev up} and {@code demo}, and by tests. Start reading at {@link io.qedstore.dev.DevCluster}.
 */
@NullMarked
package io.qedstore.dev;

import org.jspecify.annotations.NullMarked;
