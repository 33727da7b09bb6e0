/**
 * Holds copies of images against their logs: each file is read as a whole, and each log from its beginning.
 *
 * <p>Called by the node for its API. It knows copies, logs and folds; nothing of HTTP or of other nodes. Start reading at
 * {@link io.qedstore.verify.Verifications}.
 */
@NullMarked
package io.qedstore.verify;

import org.jspecify.annotations.NullMarked;
