package io.qedstore.qed.recipe;

import io.qedstore.qed.QedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The recipes: shell commands for an empty folder, the file that they make, and its SHA-256 under qemu 7.2. */
public final class RecipeTable {
    /** Recipes of this name prefix show what qemu does wrong. */
    public static final String QUIRK = "quirk-";

    /**
     * One line of the table.
     *
     * @param commands joined by {@code &&}
     * @param sha256 of {@code file}, in hex
     */
    public record Recipe(String name, String commands, String file, String sha256) {
        @Override
        public String toString() {
            return name;
        }
    }

    private RecipeTable() {}

    public static List<Recipe> all() {
        try (InputStream in = QedImage.class.getResourceAsStream("qed-recipes.tsv")) {
            String table = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return table.lines().skip(1).map(RecipeTable::parse).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Recipe named(String name) {
        return all().stream()
                .filter(recipe -> recipe.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no recipe is called " + name));
    }

    private static Recipe parse(String line) {
        String[] columns = line.split("\t", -1);
        if (columns.length != 4) {
            throw new IllegalArgumentException("a recipe has 4 columns, found " + columns.length + " in: " + line);
        }
        return new Recipe(columns[0], columns[1], columns[2], columns[3]);
    }
}
