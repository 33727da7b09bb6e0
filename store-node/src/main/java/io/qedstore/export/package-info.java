/**
 * Files that are handed out: a consistent copy of an image's file, made while the image is in use and kept for a while, so that a
 * download can go on where it broke off.
 *
 * <p>Called by {@code io.qedstore.node}. Start reading at {@link io.qedstore.export.KeptExports}.
 */
@NullMarked
package io.qedstore.export;

import org.jspecify.annotations.NullMarked;
