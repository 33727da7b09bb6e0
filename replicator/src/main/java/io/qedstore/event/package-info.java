/**
 * What stands in an image's log: events, and the control records that say who may write them; what stands in the catalog;
 * and how both become bytes.
 *
 * <p>Made by owners, read by everybody who folds a log. Knows the engine's changes and nothing of where records are kept.
 * The codecs are the only classes that know the generated ones. Start at {@link io.qedstore.event.LogRecord} and
 * {@link io.qedstore.event.CatalogEvent}.
 */
@NullMarked
package io.qedstore.event;

import org.jspecify.annotations.NullMarked;
