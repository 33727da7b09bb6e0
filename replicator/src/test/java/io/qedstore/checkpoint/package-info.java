@NullMarked
package io.qedstore.checkpoint;

import org.jspecify.annotations.NullMarked;
