package io.qedstore.qed.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs a fuzz target under Jazzer, in a Java of its own, for {@code qedstore.fuzz.seconds}. What it finds, and what it has
 * learned for the next run, lies in {@code target/fuzz-NAME}; put a finding beside the seeds in {@code
 * src/test/resources/fuzz/NAME}, and it is replayed from then on.
 *
 * @param target has the method {@code fuzzerTestOneInput}
 * @param name of the folders
 * @param instrumented patterns of the classes that are to be covered
 * @param excluded classes among them that are not: of the tests, or with loops that say nothing
 */
public record JazzerRun(Class<?> target, String name, List<String> instrumented, List<Class<?>> excluded) {
    private static final int USUAL_SECONDS = 10;
    private static final int INPUT_TIMEOUT_SECONDS = 60;
    private static final int GRACE_SECONDS = 240;
    private static final Pattern EXECUTIONS = Pattern.compile("^Done (\\d+) runs", Pattern.MULTILINE);

    public JazzerRun {
        instrumented = List.copyOf(instrumented);
        excluded = List.copyOf(excluded);
    }

    /** Fails if the target does, hangs, or is hardly run at all. */
    public void requireNoFinding() throws IOException, InterruptedException {
        int seconds = Integer.getInteger("qedstore.fuzz.seconds", USUAL_SECONDS);
        assumeTrue(seconds > 0, "fuzzing is switched off: qedstore.fuzz.seconds=" + seconds);
        Path folder = Files.createDirectories(Path.of("target", "fuzz-" + name));
        Path log = folder.resolve("jazzer.log");

        int exitCode = run(seconds, folder, log);

        String output = Files.readString(log, StandardCharsets.UTF_8);
        Matcher done = EXECUTIONS.matcher(output);
        boolean complete = done.find();
        System.out.println(
                "fuzzing " + name + ": " + (complete ? done.group() : "no end reported") + ", exit code " + exitCode);
        assertThat(exitCode)
                .as("Jazzer's exit code; it said:%n%s", lastLines(output))
                .isZero();
        assertThat(complete)
                .as("Jazzer reports its runs; it said:%n%s", lastLines(output))
                .isTrue();
        assertThat(Long.parseLong(done.group(1))).as("executions").isGreaterThan(2L * seconds);
    }

    private int run(int seconds, Path folder, Path log) throws IOException, InterruptedException {
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        List<String> not = excluded.stream().map(each -> each.getName() + "**").toList();
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.getName(),
                "--instrumentation_includes=" + String.join(":", instrumented),
                "--instrumentation_excludes=" + target.getName() + "**:" + String.join(":", not),
                "--custom_hook_includes=" + String.join(":", instrumented),
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.ServerSideRequestForgery",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-max_len=1024",
                "-timeout=" + INPUT_TIMEOUT_SECONDS,
                "-max_total_time=" + seconds,
                "-print_final_stats=1",
                corpus.toString(),
                FuzzSeeds.folder(name).toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Thread killer = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killer);
        try {
            boolean ended = process.waitFor(seconds + GRACE_SECONDS, TimeUnit.SECONDS);
            assertThat(ended).as("Jazzer ends by itself").isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly().waitFor();
            Runtime.getRuntime().removeShutdownHook(killer);
        }
    }

    private static String lastLines(String output) {
        List<String> lines = output.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }
}
