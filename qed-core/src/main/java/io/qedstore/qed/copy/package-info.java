/**
 * Moving whole disks: convert, commit, rebase, compare. They read and write disks as guests do, in the pieces in which
 * qemu-img does it. What convert and rebase make of a QED file has the same bytes as with qemu-img; what commit makes has
 * the same content.
 *
 * <p>Called by the command line. Start at {@link io.qedstore.qed.copy.DiskConversion}.
 */
@NullMarked
package io.qedstore.qed.copy;

import org.jspecify.annotations.NullMarked;
