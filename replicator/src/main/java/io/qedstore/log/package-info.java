/**
 * An image's log: where records are appended and read, and what may go wrong there.
 *
 * <p>Used by owners and by all who follow a log. Knows bytes and offsets, not what records mean. Start at
 * {@link io.qedstore.log.EventLog}.
 */
@NullMarked
package io.qedstore.log;

import org.jspecify.annotations.NullMarked;
