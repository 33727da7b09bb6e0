/**
 * Copies of an image that follow its log.
 *
 * <p>Empty so far: the log comes first.
 */
@NullMarked
package io.qedstore.replica;

import org.jspecify.annotations.NullMarked;
