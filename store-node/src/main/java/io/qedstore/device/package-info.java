/**
 * What a disk is to those who serve it: ranges of bytes that are read, written, zeroed and made durable.
 *
 * <p>Servers call it, disks implement it; it knows neither protocols nor image formats nor logs. Start at {@link
 * io.qedstore.device.BlockDevice}.
 */
@NullMarked
package io.qedstore.device;

import org.jspecify.annotations.NullMarked;
