/**
 * The {@code qedstore} program: one class for each command.
 *
 * <p>Commands parse, ask the engine or a node, and print; they decide nothing about images. A new command is a class with
 * picocli's annotations, named in its group. Start at {@link io.qedstore.cli.Main}, then {@link io.qedstore.cli.FileCommand} for
 * those on plain files and {@link io.qedstore.cli.ApiCommand} for those that ask a node.
 */
@NullMarked
package io.qedstore.cli;

import org.jspecify.annotations.NullMarked;
