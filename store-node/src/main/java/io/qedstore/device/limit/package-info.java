/**
 * Limits on what clients may do with a disk: requests and bytes in a second, each with a burst.
 *
 * <p>Put around a device by whoever serves it; knows {@code BlockDevice}, and neither servers nor what is behind a device.
 * Start at {@link io.qedstore.device.limit.LimitedDevice}.
 */
@NullMarked
package io.qedstore.device.limit;

import org.jspecify.annotations.NullMarked;
