@NullMarked
package io.qedstore.points;

import org.jspecify.annotations.NullMarked;
