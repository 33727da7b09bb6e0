/**
 * What all devices have in common that are images. Called by those; knows the engine, and no protocol. Start at {@link
 * io.qedstore.device.image.ImageReads}.
 */
@NullMarked
package io.qedstore.device.image;

import org.jspecify.annotations.NullMarked;
