/**
 * The NBD protocol as bytes: its numbers, and how requests and replies are read from and put into buffers.
 *
 * <p>Called by the server in {@code nbd}, and by test clients. Does no input or output and keeps no state of a connection.
 * Follows the protocol document of the NetworkBlockDevice project, {@code doc/proto.md}, with its extended headers; all
 * integers are big-endian. Start at {@link io.qedstore.nbd.wire.NbdCommand}.
 */
@NullMarked
package io.qedstore.nbd.wire;

import org.jspecify.annotations.NullMarked;
