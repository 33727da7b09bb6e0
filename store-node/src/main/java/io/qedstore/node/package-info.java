/**
 * The store node: the process that owns images and serves them.
 *
 * <p>Empty so far: it is assembled once the NBD server and the log exist.
 */
@NullMarked
package io.qedstore.node;

import org.jspecify.annotations.NullMarked;
