@NullMarked
package io.qedstore.backing;

import org.jspecify.annotations.NullMarked;
