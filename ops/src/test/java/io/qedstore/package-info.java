/** Tests of the project as a whole. */
@NullMarked
package io.qedstore;

import org.jspecify.annotations.NullMarked;
