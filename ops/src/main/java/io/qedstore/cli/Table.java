package io.qedstore.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows under headings, two spaces between columns that are as wide as they must be. */
final class Table {
    private final Columns columns;
    private final List<List<String>> rows = new ArrayList<>();

    /** @param headings one that starts with {@code >} stands, like all below it, at the right */
    Table(String... headings) {
        columns = new Columns(headings);
        columns.fit(columns.titles());
    }

    void row(Object... cells) {
        List<String> row = columns.row(cells);
        columns.fit(row);
        rows.add(row);
    }

    void print(PrintWriter out, String indent) {
        out.println(indent + columns.line(columns.titles()));
        rows.forEach(row -> out.println(indent + columns.line(row)));
    }
}
