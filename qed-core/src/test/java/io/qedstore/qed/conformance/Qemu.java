package io.qedstore.qed.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs qemu's programs in a folder. */
public final class Qemu {
    private final Path folder;

    private Qemu(Path folder) {
        this.folder = folder;
    }

    /**
     * What a program said.
     *
     * @param output of both streams
     */
    public record Outcome(int exitCode, String output) {}

    /**
     * The programs, where they are installed. Without them the test is skipped, or fails if the system property {@code
     * qedstore.conformance} says {@code required}.
     */
    public static Qemu in(Path folder) {
        boolean installed = isInstalled("qemu-img") && isInstalled("qemu-io");
        if (System.getProperty("qedstore.conformance", "optional").equals("required") && !installed) {
            throw new AssertionError("qedstore.conformance=required, but qemu-img and qemu-io are not installed"
                    + " (Debian: qemu-utils)");
        }
        assumeTrue(installed, "qemu-img and qemu-io are not installed");
        return new Qemu(folder);
    }

    private static boolean isInstalled(String program) {
        try {
            return run(Path.of("."), List.of(program, "--version")).exitCode == 0;
        } catch (IOException e) {
            return false;
        }
    }

    public Outcome run(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        return run(folder, command);
    }

    /** Runs a program that must succeed, and gives what it said. */
    public String succeed(String program, String... arguments) throws IOException {
        Outcome outcome = run(program, arguments);
        if (outcome.exitCode != 0) {
            throw new AssertionError(program + " " + String.join(" ", arguments) + " exited with " + outcome.exitCode
                    + ": " + outcome.output);
        }
        return outcome.output;
    }

    /** One {@code qemu-io} process that runs these commands on an image. */
    public void io(String format, String file, List<String> commands) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-f", format));
        for (String command : commands) {
            arguments.add("-c");
            arguments.add(command);
        }
        arguments.add(file);
        succeed("qemu-io", arguments.toArray(String[]::new));
    }

    private static Outcome run(Path folder, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Outcome(process.waitFor(), output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command + " ran", e);
        }
    }
}
