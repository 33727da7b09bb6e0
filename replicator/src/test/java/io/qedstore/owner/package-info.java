/** Owners with and without mistakes. */
@NullMarked
package io.qedstore.owner;

import org.jspecify.annotations.NullMarked;
