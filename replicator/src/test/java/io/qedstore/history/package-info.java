@NullMarked
package io.qedstore.history;

import org.jspecify.annotations.NullMarked;
