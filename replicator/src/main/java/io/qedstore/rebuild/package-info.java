/**
 * Files made from a log: a copy of a file that is in use, brought to one event, and a file that is made from nothing.
 *
 * <p>Called by the node and by commands that need no node. It knows logs, the fold and files; nothing of owners. Start reading at
 * {@link io.qedstore.rebuild.Redo}.
 */
@NullMarked
package io.qedstore.rebuild;

import org.jspecify.annotations.NullMarked;
