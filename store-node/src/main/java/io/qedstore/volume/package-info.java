/**
 * The owner's side of one image: requests become plans, plans become events, and events come into the file once the log has
 * them. Called by the node and, as a {@link io.qedstore.device.BlockDevice}, by the NBD server. Knows no protocol and no Kafka.
 * Start at {@link io.qedstore.volume.Volume}.
 */
@NullMarked
package io.qedstore.volume;

import org.jspecify.annotations.NullMarked;
