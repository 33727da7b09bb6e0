package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** Columns are as wide as they must be. */
class TableTest {
    @Test
    void numbersStandAtTheRightAndNothingIsBehindTheLastWord() {
        Table table = new Table("NAME", ">SIZE", "NOTE");
        table.row("a", 10_000, "");
        table.row("𝒷ä", 7, "x\ty");
        StringWriter out = new StringWriter();
        table.print(new PrintWriter(out, true), "  ");
        assertThat(out.toString()).isEqualTo("  NAME   SIZE  NOTE\n  a     10000\n  𝒷ä        7  x\\x09y\n");
    }

    @Test
    void aRowHasAsManyCellsAsThereAreHeadings() {
        assertThatThrownBy(() -> new Table("A", "B").row("a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a row has 2 cells here, found 1");
    }
}
