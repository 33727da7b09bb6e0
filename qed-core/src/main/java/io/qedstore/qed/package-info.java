/**
 * QED disk images: open, read, and plan every change of them.
 *
 * <p>{@link io.qedstore.qed.QedImage} is the engine of one image: it answers reads and turns requests into plans, whose
 * changes somebody else puts into the file. {@link io.qedstore.qed.PlainImage} is that somebody for a local file
 * without a log. Start at {@code QedImage}. Nothing here or below knows of logs, protobuf or networks.
 */
@NullMarked
package io.qedstore.qed;

import org.jspecify.annotations.NullMarked;
