package io.qedstore.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Shows on a real file system, in a temporary folder, what works so far, and checks each claim with foreign programs. So
 * far that is the part without a log.
 */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what qedstore does, step by step, in a temporary folder, and proves it with qemu's own tools.",
            "So far it shows the commands on plain files; the node that puts images on a log is not built yet."
        })
final class DemoCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    private Path folder = Path.of("");

    @Override
    public Integer call() throws IOException, InterruptedException, CommandFailure {
        long start = System.nanoTime();
        folder = Files.createTempDirectory("qedstore-demo");
        try {
            tellTheStory();
        } finally {
            delete(folder);
        }
        say(String.format(Locale.ROOT, "%nEvery step was checked, in %.1f s.", seconds(start)));
        say("This was the part on plain files. The node that puts images on a log is not built yet.");
        return 0;
    }

    private void tellTheStory() throws IOException, InterruptedException, CommandFailure {
        title("A real ext4 file system becomes a QED image");
        Path files = Files.createDirectories(folder.resolve("files/letters"));
        for (int i = 0; i < 500; i++) {
            Files.writeString(files.resolve("letter-" + i), ("Dear reader, this is letter " + i + ".\n").repeat(40));
        }
        foreign("truncate", "-s", "64M", "disk.raw");
        foreign("mkfs.ext4", "-q", "-F", "-d", "files", "disk.raw");
        ours("file", "convert", "-O", "qed", "disk.raw", "base.qed");
        ours("file", "check", "base.qed");
        foreign("qemu-img", "check", "-q", "base.qed");
        foreign("qemu-img", "compare", "-q", "disk.raw", "base.qed");

        title("An overlay takes writes, the base stays as it is");
        ours("file", "create", "-b", "base.qed", "-F", "qed", "overlay.qed");
        foreign("qemu-io", "-f", "qed", "-c", "write -P 0x5a 40M 1M", "-c", "write -z 50M 2M", "overlay.qed");
        ours("file", "map", "overlay.qed");
        ours("file", "convert", "-O", "raw", "overlay.qed", "written.raw");
        foreign("qemu-img", "compare", "-q", "overlay.qed", "written.raw");
        foreign("qemu-img", "compare", "-q", "disk.raw", "base.qed");

        title("Commit, grow, and hand the result to qemu");
        ours("file", "commit", "overlay.qed");
        ours("file", "resize", "base.qed", "+64M");
        ours("file", "info", "base.qed");
        foreign("qemu-img", "check", "-q", "base.qed");
        foreign("qemu-io", "-f", "qed", "-c", "read -P 0x5a 40M 1M", "-c", "read -P 0 50M 2M", "base.qed");

        title("The file system that started it all is still whole inside");
        ours("file", "convert", "-O", "raw", "base.qed", "again.raw");
        foreign("e2fsck", "-f", "-n", "again.raw");
    }

    private void title(String title) {
        say("\n== " + title);
    }

    /** Runs one of our commands in this process, with the folder's files. */
    private void ours(String... words) throws CommandFailure {
        long start = System.nanoTime();
        PrintWriter out = spec.commandLine().getOut();
        out.println("$ qedstore " + String.join(" ", words));
        String[] resolved = words.clone();
        for (int i = 2; i < words.length; i++) {
            boolean backing = words[i - 1].equals("-b");
            if (words[i].matches(".*\\.(qed|raw)") && !backing) {
                resolved[i] = folder.resolve(words[i]).toString();
            }
        }
        int exitCode = Main.run(out, spec.commandLine().getErr(), resolved);
        if (exitCode != 0) {
            throw new CommandFailure(
                    "the demo's step `qedstore " + String.join(" ", words) + "` ended with " + exitCode);
        }
        done(start);
    }

    /** Runs a foreign program in the folder; what it prints is only shown if it fails. */
    private void foreign(String... words) throws IOException, InterruptedException, CommandFailure {
        long start = System.nanoTime();
        say("$ " + String.join(" ", words));
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        try {
            int exitCode = builder.start().waitFor();
            if (exitCode != 0) {
                say(Files.readString(output, StandardCharsets.UTF_8));
                throw new CommandFailure(
                        "the demo's step `" + String.join(" ", words) + "` ended with " + exitCode + ", expected 0");
            }
        } catch (IOException e) {
            throw new CommandFailure("the demo needs the program " + words[0]
                    + ", which could not be started; install the Debian packages qemu-utils and e2fsprogs");
        }
        done(start);
    }

    private void done(long startNanos) {
        say(String.format(Locale.ROOT, "  ok, %.2f s", seconds(startNanos)));
    }

    private static double seconds(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private static void delete(Path folder) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(folder)) {
            deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }
}
