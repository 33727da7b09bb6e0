@NullMarked
package io.qedstore.verify;

import org.jspecify.annotations.NullMarked;
