/**
 * What a node keeps of the past: checkpoints of its images, and files of points that clients read.
 *
 * <p>Called by the node that puts the parts together. It knows the images that are here, the catalog's index and rebuilds; it knows no
 * protocol. Start reading at {@link io.qedstore.points.Checkpointer}.
 */
@NullMarked
package io.qedstore.points;

import org.jspecify.annotations.NullMarked;
