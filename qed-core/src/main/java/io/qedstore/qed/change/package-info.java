/**
 * The changes that an image file goes through, and how each is put into it: the one way in which a file is changed.
 *
 * <p>Made by planning and repair, applied by whoever keeps a file: at once where there is no log, behind the log where
 * there is one. Knows nothing of tables or allocation. Start at {@link io.qedstore.qed.change.QedChange}.
 */
@NullMarked
package io.qedstore.qed.change;

import org.jspecify.annotations.NullMarked;
