/**
 * The images that lie on this node: each is a file that follows its log, as a replica or, where this node owns it, behind a
 * {@link io.qedstore.volume.Volume}.
 *
 * <p>Called by {@code io.qedstore.node}. It knows logs, folds, owners and volumes; nothing of NBD, HTTP or Kafka. Start reading at
 * {@link io.qedstore.hosting.HostedImage}.
 */
@NullMarked
package io.qedstore.hosting;

import org.jspecify.annotations.NullMarked;
