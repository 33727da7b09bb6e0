@NullMarked
package io.qedstore.checkpoint.s3;

import org.jspecify.annotations.NullMarked;
