@NullMarked
package io.qedstore.retention;

import org.jspecify.annotations.NullMarked;
