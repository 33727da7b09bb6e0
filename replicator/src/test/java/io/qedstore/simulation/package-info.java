/**
 * Owners that fight over an image, replicas that follow it, a log and disks that fail: in one thread, by one seed.
 *
 * <p>Start at {@link io.qedstore.simulation.Simulation}.
 */
@NullMarked
package io.qedstore.simulation;

import org.jspecify.annotations.NullMarked;
