package io.qedstore.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Columns of text, two spaces between them, as wide as what was fitted into them. */
final class Columns {
    private static final String GAP = "  ";

    private final List<String> headings;
    private final int[] widths;

    /** @param headings one that starts with {@code >} stands, like all below it, at the right */
    Columns(String... headings) {
        this.headings = List.of(headings);
        this.widths = new int[headings.length];
    }

    List<String> titles() {
        return headings.stream().map(title -> title.replace(">", "")).toList();
    }

    /** Cells as they can be printed. */
    List<String> row(Object... cells) {
        if (cells.length != widths.length) {
            throw new IllegalArgumentException("a row has " + widths.length + " cells here, found " + cells.length);
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(Printable.of(String.valueOf(cell)));
        }
        return row;
    }

    void fit(List<String> row) {
        Arrays.setAll(widths, column -> Math.max(widths[column], width(row.get(column))));
    }

    String line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths[column] - width(cell));
            boolean right = headings.get(column).startsWith(">");
            line.append(right ? padding + cell : cell + padding).append(GAP);
        }
        return line.toString().stripTrailing();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
