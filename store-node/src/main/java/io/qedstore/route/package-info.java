/**
 * One image as a block device that stays while the place changes where the image is served.
 *
 * <p>Made by the node for each image that its clients use. Knows block devices and nothing of NBD, catalogs and logs: a {@code Guide}
 * finds the way. Start at {@link io.qedstore.route.RoutedDevice}.
 */
@NullMarked
package io.qedstore.route;

import org.jspecify.annotations.NullMarked;
