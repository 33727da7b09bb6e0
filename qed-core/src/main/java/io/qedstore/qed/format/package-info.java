/**
 * The QED format on paper: header fields, feature bits, geometry, what a table entry may be, and the errors of a file
 * that breaks the rules. Bytes in, values out; nothing here does I/O.
 *
 * <p>Called by every other package of the engine. Knows nobody. Start at {@link io.qedstore.qed.format.QedHeader}.
 */
@NullMarked
package io.qedstore.qed.format;

import org.jspecify.annotations.NullMarked;
