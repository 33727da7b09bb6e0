/** A log in memory, and images that are written through one. */
@NullMarked
package io.qedstore.log;

import org.jspecify.annotations.NullMarked;
