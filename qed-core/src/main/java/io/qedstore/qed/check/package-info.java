/**
 * Consistency of a whole file: does every table entry point to a cluster of its own, and is every cluster used?
 *
 * <p>Works on the file alone, without an open image, in memory that grows with the file's clusters and nothing else.
 * Start at {@link io.qedstore.qed.check.ConsistencyCheck}.
 */
@NullMarked
package io.qedstore.qed.check;

import org.jspecify.annotations.NullMarked;
