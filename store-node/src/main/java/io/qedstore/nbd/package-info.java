/**
 * The NBD server: block devices over TCP and unix sockets, by the NBD protocol.
 *
 * <p>Assembled by whoever has devices to serve; knows {@code BlockDevice} and the bytes of the protocol, and neither image
 * formats nor logs. The files follow the protocol: {@code Handshake*} negotiates, {@code Transmission*} serves requests,
 * {@code RequestValidator} alone decides which are refused and how. Start at {@link io.qedstore.nbd.NbdServer}.
 */
@NullMarked
package io.qedstore.nbd;

import org.jspecify.annotations.NullMarked;
