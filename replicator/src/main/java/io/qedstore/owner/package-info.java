/**
 * The one who may append to an image's log: takes the image, appends events, and knows when it has lost it.
 *
 * <p>Used by whoever serves an image for writing. Knows the log and the fold, not the file, the network or a clock of its own.
 * Start at {@link io.qedstore.owner.LogOwner}.
 */
@NullMarked
package io.qedstore.owner;

import org.jspecify.annotations.NullMarked;
