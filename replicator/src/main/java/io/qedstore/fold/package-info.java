/**
 * From records to a file: which records of a log count, and how far a file has come.
 *
 * <p>Used by the owner, by replicas, by rebuilds and by every tool that reads a log. Knows neither servers nor where logs and
 * positions are kept. Start at {@link io.qedstore.fold.Fold}, the one class that says which records count.
 */
@NullMarked
package io.qedstore.fold;

import org.jspecify.annotations.NullMarked;
