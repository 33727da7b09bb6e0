/**
 * Files that arrive at a node to become images: where they lie meanwhile, what they have to be, and how they come into a log.
 *
 * <p>Called by the node's commands, and for the rules by the command line, too. It knows logs and the format; nothing of the catalog,
 * HTTP or clients. Start reading at {@link io.qedstore.imports.KeptImport}.
 */
@NullMarked
package io.qedstore.imports;

import org.jspecify.annotations.NullMarked;
