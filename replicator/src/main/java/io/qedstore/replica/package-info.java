/**
 * A copy of an image's file that another node has, as bytes on a wire, and the making of a copy from such bytes: the place in the
 * log that it certainly has, its data while it goes on changing, and the place of which it may have parts. What lies between is
 * applied again by whoever follows the log from there.
 *
 * <p>Called by {@code io.qedstore.hosting}. Knows neither HTTP nor which nodes there are. Start reading at {@link
 * io.qedstore.replica.Seeding}.
 */
@NullMarked
package io.qedstore.replica;

import org.jspecify.annotations.NullMarked;
