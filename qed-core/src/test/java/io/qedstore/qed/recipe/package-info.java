/**
 * Images that qemu's own tools made, as recipes with the checksum of the result, and what runs the recipes here: the
 * table, an interpreter of {@code qemu-io} commands, and one of the few shell steps. The interpreter serves the other
 * modules' tests too. Start at {@link io.qedstore.qed.recipe.RecipeTable}.
 */
@NullMarked
package io.qedstore.qed.recipe;

import org.jspecify.annotations.NullMarked;
