/** Which records count, and files that follow them. */
@NullMarked
package io.qedstore.fold;

import org.jspecify.annotations.NullMarked;
