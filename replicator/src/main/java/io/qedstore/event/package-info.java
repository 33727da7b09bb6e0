/**
 * What stands in an image's log: events, and the control records that say who may write them; and how they become bytes.
 *
 * <p>Made by owners, read by everybody who folds a log. Knows the engine's changes and nothing of where records are kept.
 * {@link io.qedstore.event.EventCodec} is the only class that knows the generated ones. Start at
 * {@link io.qedstore.event.LogRecord}.
 */
@NullMarked
package io.qedstore.event;

import org.jspecify.annotations.NullMarked;
