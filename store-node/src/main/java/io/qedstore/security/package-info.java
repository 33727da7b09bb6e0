/**
 * TLS from certificate files.
 *
 * <p>Called by whoever opens a listener. Knows files, Netty's TLS and Java's, no protocol above it. Start at {@link
 * io.qedstore.security.ReloadingTls}.
 */
@NullMarked
package io.qedstore.security;

import org.jspecify.annotations.NullMarked;
