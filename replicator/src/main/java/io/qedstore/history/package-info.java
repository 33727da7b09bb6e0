/**
 * Who wrote what when: the records of an image's log as people read them, page by page, with the snapshots and checkpoints that the
 * catalog knows in their places.
 *
 * <p>Called by the node for its API. It knows logs, the fold, and what the catalog says of an image; nothing of files, owners or
 * HTTP. Start reading at {@link io.qedstore.history.HistoryReader}.
 */
@NullMarked
package io.qedstore.history;

import org.jspecify.annotations.NullMarked;
