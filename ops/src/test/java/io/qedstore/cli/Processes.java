package io.qedstore.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs foreign programs and our own as processes. */
public final class Processes {
    /** What no short command takes. */
    public static final Duration DEADLINE = Duration.ofMinutes(2);

    private Processes() {}

    /** Runs a command that takes no long time to its end in a folder. */
    public static Program.Result run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        return run(folder, environment, command, DEADLINE);
    }

    /** Runs a command to its end in a folder; it and all that it started are killed if it takes far too long. */
    public static Program.Result run(
            Path folder, Map<String, String> environment, List<String> command, Duration deadline)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("out", ".txt");
        Path err = Files.createTempFile("err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                throw new IOException(command + " did not end within " + deadline.toSeconds() + " seconds");
            }
            return new Program.Result(process.exitValue(), text(out), text(err));
        } finally {
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }

    public static Program.Result run(Path folder, Object... command) throws IOException, InterruptedException {
        return run(
                folder,
                Map.of(),
                List.of(command).stream().map(Object::toString).toList());
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
