/**
 * The L1 and L2 tables in memory: which file offset a guest offset maps to, and where the next cluster goes.
 *
 * <p>Called by planning and by reads. Loads from a {@link io.qedstore.qed.file.FileView} and never writes. Start at
 * {@link io.qedstore.qed.table.ImageTables}.
 */
@NullMarked
package io.qedstore.qed.table;

import org.jspecify.annotations.NullMarked;
