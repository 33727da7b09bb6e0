/**
 * Random use of a disk and what must come of it: operations, a generator of them, the disks they run on, and a model
 * that is a plain array of bytes. For the tests of the engine and of whatever serves an image to guests. Start at
 * {@link io.qedstore.qed.model.DiskModel}.
 */
@NullMarked
package io.qedstore.qed.model;

import org.jspecify.annotations.NullMarked;
