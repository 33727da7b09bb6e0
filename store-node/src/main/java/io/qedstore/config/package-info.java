/**
 * The configuration of a store node: from a properties file to checked values.
 *
 * <p>Called once, by whoever starts a node; knows what can be set and which settings contradict each other, and opens, creates
 * and connects to nothing but the file. A new key is a line of {@code NodeKeys} and a component of a record. Start at {@link
 * io.qedstore.config.NodeConfig}, then {@code NodeKeys}.
 */
@NullMarked
package io.qedstore.config;

import org.jspecify.annotations.NullMarked;
