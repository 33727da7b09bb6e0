/**
 * What a file contains, in a few bytes: a digest of each of its blocks, and one sum over all of them that every write keeps up to
 * date. Two copies of an image are the same if their sums are; a block whose digest is not the one that is known of it was changed
 * by nobody who had a right to.
 *
 * <p>Called by the followed files of nodes, by scrub and by whoever proves what a file is. Knows files and digests, and nothing of
 * events or logs. Start at {@link io.qedstore.content.SummedFile}.
 */
@NullMarked
package io.qedstore.content;

import org.jspecify.annotations.NullMarked;
