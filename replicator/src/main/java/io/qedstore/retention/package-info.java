/**
 * Which checkpoints stay, and from where on the log has to.
 *
 * <p>Called by nodes. It knows stores of checkpoints and what the catalog says, and says in the catalog what it does; it makes no
 * checkpoint itself. Start reading at {@link io.qedstore.retention.CheckpointKeeper}, then at
 * {@link io.qedstore.retention.LogTrimmer}.
 */
@NullMarked
package io.qedstore.retention;

import org.jspecify.annotations.NullMarked;
