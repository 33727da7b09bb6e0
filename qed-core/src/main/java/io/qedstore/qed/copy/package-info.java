/**
 * Moving whole disks: convert, commit, rebase, compare. They read and write disks as guests do, in the pieces in which
 * qemu-img does it, so that a QED file made this way has the same bytes.
 *
 * <p>Called by the command line. Start at {@link io.qedstore.qed.copy.DiskConversion}.
 */
@NullMarked
package io.qedstore.qed.copy;

import org.jspecify.annotations.NullMarked;
