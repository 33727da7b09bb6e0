package io.qedstore.cli;

import java.io.PrintWriter;

/** Lines of a name and a value. */
final class Fields {
    private final PrintWriter out;

    Fields(PrintWriter out) {
        this.out = out;
    }

    void say(String name, Object value) {
        out.println(name + ": " + Printable.of(value.toString()));
    }
}
