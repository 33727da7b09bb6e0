/** The engine beside qemu's own tools. The way to run them serves the other modules' tests too. */
@NullMarked
package io.qedstore.qed.conformance;

import org.jspecify.annotations.NullMarked;
