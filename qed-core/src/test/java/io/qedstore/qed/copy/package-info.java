/** Tests of whole-disk copies. */
@NullMarked
package io.qedstore.qed.copy;

import org.jspecify.annotations.NullMarked;
