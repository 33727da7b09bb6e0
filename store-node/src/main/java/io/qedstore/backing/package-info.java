/**
 * The frozen images that this node's clones lie over: one file for each, beside the clones' own, made from a checkpoint and the log,
 * shared by all clones of one point, read with its digests, and removed with the last image that needs it.
 *
 * <p>Called by the node that puts the parts together; {@code io.qedstore.hosting} opens bases by its interface {@link
 * io.qedstore.hosting.Bases}. It knows rebuilds and the catalog's index, and no protocol. Start reading at {@link
 * io.qedstore.backing.BaseFiles}.
 */
@NullMarked
package io.qedstore.backing;

import org.jspecify.annotations.NullMarked;
