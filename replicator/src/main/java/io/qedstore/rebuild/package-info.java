/**
 * Files made from a log: a copy of a file that is in use, brought to one event, and a file that is made from nothing or from a
 * checkpoint, as it was at any point.
 *
 * <p>Called by the node and by commands that need no node. It knows logs, the fold, files, checkpoints and what the catalog says of
 * points; nothing of owners. Start reading at {@link io.qedstore.rebuild.Redo}, then at {@link io.qedstore.rebuild.Rebuild}.
 */
@NullMarked
package io.qedstore.rebuild;

import org.jspecify.annotations.NullMarked;
