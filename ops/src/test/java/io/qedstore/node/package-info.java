/**
 * Foreign clients through real nodes: a broker, an owner and a replica as processes of their own, and the tools that people
 * use with an image. Start at {@link io.qedstore.node.NodePair}.
 */
@NullMarked
package io.qedstore.node;

import org.jspecify.annotations.NullMarked;
