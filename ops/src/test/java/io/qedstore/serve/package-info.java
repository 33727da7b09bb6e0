/**
 * Foreign NBD clients on {@code qedstore file serve}: the real program as a process of its own, and the tools that people
 * use with it. Start at {@link io.qedstore.serve.ServedFile}.
 */
@NullMarked
package io.qedstore.serve;

import org.jspecify.annotations.NullMarked;
