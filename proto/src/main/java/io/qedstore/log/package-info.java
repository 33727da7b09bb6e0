/**
 * The messages of the event log, generated from {@code src/main/proto}.
 *
 * <p>Empty so far: the event format is made together with the log.
 */
@NullMarked
package io.qedstore.log;

import org.jspecify.annotations.NullMarked;
