/**
 * TLS from certificate files.
 *
 * <p>Called by whoever opens a listener. Knows files and Netty's TLS, no protocol above it. Start at {@link
 * io.qedstore.security.ReloadingTls}.
 */
@NullMarked
package io.qedstore.security;

import org.jspecify.annotations.NullMarked;
