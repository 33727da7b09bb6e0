package io.qedstore.cli;

import io.qedstore.qed.file.DurableFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where the demo plays: a temporary folder, in which it runs our commands and foreign programs, and says what it does. */
final class DemoStage implements Closeable {
    private final PrintWriter out;
    private final Path folder;
    private final long startNanos = System.nanoTime();

    DemoStage(PrintWriter out) throws IOException {
        this.out = out;
        this.folder = Files.createTempDirectory("qedstore-demo");
    }

    Path folder() {
        return folder;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    void title(String title) {
        say(String.format(Locale.ROOT, "%n== %s  (at %.1f s)", title, seconds(startNanos)));
    }

    void say(String line) {
        out.println(line);
        out.flush();
    }

    double seconds() {
        return seconds(startNanos);
    }

    /** Runs one of our commands in this process, and gives what it printed. */
    String ours(String... words) throws CommandFailure {
        long start = System.nanoTime();
        say("$ qedstore " + String.join(" ", words).replace(folder + "/", ""));
        StringWriter printed = new StringWriter();
        StringWriter errors = new StringWriter();
        int exitCode = Main.run(new PrintWriter(printed), new PrintWriter(errors), words);
        if (exitCode != 0) {
            throw new CommandFailure("the demo's step `qedstore " + String.join(" ", words) + "` ended with " + exitCode
                    + ": " + errors.toString().strip());
        }
        String text = printed.toString().replace(folder + "/", "");
        text.lines().forEach(line -> say("  " + line));
        done(start);
        return printed.toString();
    }

    /** Runs one of our commands without a word. */
    String ask(String... words) throws CommandFailure {
        StringWriter printed = new StringWriter();
        StringWriter errors = new StringWriter();
        if (Main.run(new PrintWriter(printed), new PrintWriter(errors), words) != 0) {
            throw new CommandFailure("`qedstore " + String.join(" ", words) + "` failed: "
                    + errors.toString().strip());
        }
        return printed.toString();
    }

    /** Runs a foreign program in the folder, which must end well; what it prints is only shown if it does not. */
    void foreign(String... words) throws IOException, InterruptedException, CommandFailure {
        long start = System.nanoTime();
        say("$ " + shown(words));
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new CommandFailure("the demo needs the program " + words[0]
                    + ", which could not be started; install the Debian packages qemu-utils and e2fsprogs");
        }
        int exitCode = process.waitFor();
        if (exitCode != 0) {
            say(Files.readString(output, StandardCharsets.UTF_8));
            throw new CommandFailure("the demo's step `" + shown(words) + "` ended with " + exitCode + ", expected 0");
        }
        done(start);
    }

    /** Without what would fill the screen. */
    private static String shown(String... words) {
        List<String> first = new ArrayList<>(List.of(words));
        if (first.size() > 12) {
            first = new ArrayList<>(first.subList(0, 8));
            first.add("... (" + (words.length - 8) + " more)");
        }
        return String.join(" ", first);
    }

    void require(boolean condition, String claim) throws CommandFailure {
        if (!condition) {
            throw new CommandFailure("the demo's claim does not hold: " + claim);
        }
        say("  checked: " + claim);
    }

    private void done(long start) {
        say(String.format(Locale.ROOT, "  ok, %.2f s", seconds(start)));
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    @Override
    public void close() throws IOException {
        DurableFile.removeAll(folder);
    }
}
