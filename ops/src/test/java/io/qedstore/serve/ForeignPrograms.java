package io.qedstore.serve;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qedstore.cli.Processes;
import io.qedstore.cli.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Runs the tools of others in a folder. */
public final class ForeignPrograms {
    /** libnbd for Python; the distribution's Python, not another one that comes first in the path. */
    public static final String LIBNBD = "python3-libnbd";

    private static final String PYTHON = "/usr/bin/python3";
    private static final Map<String, Boolean> INSTALLED = new ConcurrentHashMap<>();

    private final Path folder;
    private final Duration deadline;

    private ForeignPrograms(Path folder, Duration deadline) {
        this.folder = folder;
        this.deadline = deadline;
    }

    /**
     * The programs, where they are installed. If one is missing the test is skipped, or fails if the system property {@code
     * qedstore.conformance} says {@code required}.
     *
     * @param programs names, or {@link #LIBNBD}
     */
    public static ForeignPrograms in(Path folder, String... programs) throws IOException, InterruptedException {
        for (String program : programs) {
            boolean installed = isInstalled(folder, program);
            if (System.getProperty("qedstore.conformance", "optional").equals("required") && !installed) {
                throw new AssertionError("qedstore.conformance=required, but " + program
                        + " is not installed (ops/test says which Debian package has it)");
            }
            assumeTrue(installed, program + " is not installed");
        }
        return new ForeignPrograms(folder, Processes.DEADLINE);
    }

    /** The same programs, for work that takes long. */
    public ForeignPrograms within(Duration longer) {
        return new ForeignPrograms(folder, longer);
    }

    private static boolean isInstalled(Path folder, String program) throws InterruptedException {
        Boolean known = INSTALLED.get(program);
        if (known == null) {
            known = answers(folder, program);
            INSTALLED.put(program, known);
        }
        return known;
    }

    private static boolean answers(Path folder, String program) throws InterruptedException {
        Object[] probe =
                switch (program) {
                    case LIBNBD -> new Object[] {PYTHON, "-c", "import nbd"};
                    case "mkfs.ext4", "e2fsck" -> new Object[] {program, "-V"};
                    case "busybox" -> new Object[] {program, "true"};
                    case "openssl" -> new Object[] {program, "version"};
                    default -> new Object[] {program, "--version"};
                };
        try {
            return Processes.run(folder, probe).exitCode() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    public Path folder() {
        return folder;
    }

    public Program.Result run(Object... command) throws IOException, InterruptedException {
        return Processes.run(
                folder, Map.of(), Arrays.stream(command).map(Object::toString).toList(), deadline);
    }

    /** Runs a program that must succeed, and gives its output. */
    public String succeed(Object... command) throws IOException, InterruptedException {
        Program.Result result = run(command);
        if (result.exitCode() != 0) {
            throw new AssertionError(Arrays.toString(command) + " exited with " + result.exitCode() + ": "
                    + result.out() + result.err());
        }
        return result.out();
    }

    /** Runs {@code qemu-io} commands, all of which must succeed, on a raw disk. */
    public String qemuIo(Object disk, String... commands) throws IOException, InterruptedException {
        List<Object> words = new ArrayList<>(List.of("qemu-io", "-f", "raw"));
        for (String command : commands) {
            words.add("-c");
            words.add(command);
        }
        words.add(disk);
        return succeed(words.toArray());
    }

    /** Makes a QED image. */
    Path image(String name, String options, String size) throws IOException, InterruptedException {
        Path file = folder.resolve(name);
        succeed("qemu-img", "create", "-q", "-f", "qed", "-o", options, file, size);
        return file;
    }

    /**
     * Runs a Python script that talks to a server through libnbd. It begins with {@code session.py}, whose names it may use.
     *
     * @param uri what the script knows as {@code URI}
     * @return what it prints
     */
    String libnbd(String uri, String script) throws IOException, InterruptedException {
        try (InputStream session = Objects.requireNonNull(ForeignPrograms.class.getResourceAsStream("session.py"))) {
            Path file = folder.resolve("script.py");
            Files.writeString(file, new String(session.readAllBytes(), StandardCharsets.UTF_8) + script);
            return succeed(PYTHON, file, uri);
        }
    }
}
