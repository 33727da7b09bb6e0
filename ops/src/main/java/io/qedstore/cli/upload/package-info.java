/**
 * Sends a QED file to a node that makes an image of it, over broken connections and several runs.
 *
 * <p>Called by the command {@code image import}. It knows the client of the API and files; nothing of options or printing. Start
 * reading at {@link io.qedstore.cli.upload.ImportUpload}.
 */
@NullMarked
package io.qedstore.cli.upload;

import org.jspecify.annotations.NullMarked;
