/** Tests of the printers. */
@NullMarked
package io.qedstore.qed.inspect;

import org.jspecify.annotations.NullMarked;
