/**
 * An NBD client: disks that another node serves, as block devices.
 *
 * <p>Called by whoever forwards requests. Knows the bytes of the protocol and {@code BlockDevice}, nothing of images and nodes. It
 * speaks what this project's server speaks, fixed newstyle with extended headers, and believes no length that it has not compared
 * with what it asked for. Start at {@link io.qedstore.nbd.client.RemoteDisks}.
 */
@NullMarked
package io.qedstore.nbd.client;

import org.jspecify.annotations.NullMarked;
