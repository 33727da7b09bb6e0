/**
 * The seam between the engine and the disk: random-access files with holes.
 *
 * <p>Called by everything that reads or changes an image. Knows nothing of QED. Start at
 * {@link io.qedstore.qed.file.ImageFile}; {@link io.qedstore.qed.file.ChannelImageFile} is the real one.
 */
@NullMarked
package io.qedstore.qed.file;

import org.jspecify.annotations.NullMarked;
