/**
 * Digests: what proves that two logs, or two files, are the same.
 *
 * <p>Called by the fold and by the owner, which chain events by them. Knows nothing of events, logs or files. Start at
 * {@link io.qedstore.digest.DigestAlgorithm}.
 */
@NullMarked
package io.qedstore.digest;

import org.jspecify.annotations.NullMarked;
