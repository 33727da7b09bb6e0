/**
 * Nodes that are killed and cut off from their log while clients write, and a checker that knows what clients were told. Start
 * reading at {@link io.qedstore.faults.KilledNodeIT}.
 */
@NullMarked
package io.qedstore.faults;

import org.jspecify.annotations.NullMarked;
