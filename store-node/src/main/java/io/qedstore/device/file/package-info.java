/**
 * A plain image file as a block device.
 *
 * <p>Made by whoever serves a file without a log. Knows the engine, and no protocol. Start at {@link
 * io.qedstore.device.file.FileDevice}.
 */
@NullMarked
package io.qedstore.device.file;

import org.jspecify.annotations.NullMarked;
