/**
 * The {@code qedstore} program: one class for each command.
 *
 * <p>Commands parse, ask the engine (or, later, a node), and print. Start at {@code io.qedstore.cli.Main}.
 */
@NullMarked
package io.qedstore.cli;

import org.jspecify.annotations.NullMarked;
