/**
 * Planning: what a write, a zero write, a discard or a change of the header does to the file, as a list of changes.
 *
 * <p>A planner decides and advances the tables in memory; it never touches the file. Called by
 * {@code io.qedstore.qed.QedImage} under the plan lock. Start at {@link io.qedstore.qed.alloc.Planner}.
 */
@NullMarked
package io.qedstore.qed.alloc;

import org.jspecify.annotations.NullMarked;
