/**
 * Checkpoints: copies of an image's file at one event, from which a rebuild starts. What a checkpoint is and where it lies: in a
 * folder, or as objects in a store that speaks S3.
 *
 * <p>Called by {@code io.qedstore.rebuild}, which makes and uses them, and by nodes, which keep them. It knows files and places in a
 * log; it reads no log itself. Start reading at {@link io.qedstore.checkpoint.CheckpointStore}.
 */
@NullMarked
package io.qedstore.checkpoint;

import org.jspecify.annotations.NullMarked;
