/**
 * Printers that walk the raw bytes of a file, whatever state it is in, and say what each of them is.
 *
 * <p>Called by the command line. They read and never stop at damage. Start at {@link io.qedstore.qed.inspect.RawWalk}.
 */
@NullMarked
package io.qedstore.qed.inspect;

import org.jspecify.annotations.NullMarked;
