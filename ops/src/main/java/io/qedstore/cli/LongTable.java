package io.qedstore.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A table that is printed as its rows come, page by page: what one page needs of room, the next ones have too. */
final class LongTable {
    private final Columns columns;
    private final List<List<String>> rows = new ArrayList<>();
    private boolean isBegun;

    /** @param headings as of {@link Table} */
    LongTable(String... headings) {
        this.columns = new Columns(headings);
    }

    void row(Object... cells) {
        rows.add(columns.row(cells));
    }

    /** Prints the rows that came since the last page; the headings stand before the first. */
    void printPage(PrintWriter out) {
        if (!isBegun) {
            columns.fit(columns.titles());
        }
        rows.forEach(columns::fit);
        if (!isBegun) {
            out.println(columns.line(columns.titles()));
            isBegun = true;
        }
        rows.forEach(row -> out.println(columns.line(row)));
        rows.clear();
        out.flush();
    }
}
