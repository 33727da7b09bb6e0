package io.qedstore.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs the program's commands in this process. */
public final class Program {
    /** What a command left behind. */
    public record Result(int exitCode, String out, String err) {}

    private Program() {}

    public static Result run(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        int exitCode = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
        return new Result(exitCode, out.toString(), err.toString());
    }
}
