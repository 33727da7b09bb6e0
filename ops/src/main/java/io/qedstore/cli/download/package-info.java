/**
 * Brings an image's file from a node to this machine, over broken connections and several runs.
 *
 * <p>Called by the command {@code image export}. It knows the client of the API and files; nothing of options or printing. Start
 * reading at {@link io.qedstore.cli.download.ExportDownload}.
 */
@NullMarked
package io.qedstore.cli.download;

import org.jspecify.annotations.NullMarked;
