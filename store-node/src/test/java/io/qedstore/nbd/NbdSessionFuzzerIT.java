package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qedstore.device.MemoryBlockDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs {@link NbdSessionFuzzer} under Jazzer, in a Java of its own, for {@code qedstore.fuzz.seconds}. What it finds, and
 * what it has learned for the next run, lies in {@code target/fuzz-nbd}; put a finding beside the seeds in {@code
 * src/test/resources/fuzz/nbd-session}, and it is replayed from then on.
 *
 * <p>Deliberate bugs that must turn it red: a block status payload without contexts that is taken; the budget not given
 * back for what a closed connection had parked.
 */
@Tag("once") // on one JDK
class NbdSessionFuzzerIT {
    private static final int INPUT_TIMEOUT_SECONDS = 60;
    private static final int GRACE_SECONDS = 60;
    private static final Pattern EXECUTIONS = Pattern.compile("^Done (\\d+) runs", Pattern.MULTILINE);
    private static final List<Class<?>> TEST_CODE = List.of(
            NbdSessionFuzzer.class,
            FuzzedSession.class,
            ReplyParser.class,
            WireClient.class,
            WireReply.class,
            Bytes.class,
            LogWatch.class,
            MemoryBlockDevice.class);

    @Test
    void noClientMakesTheServerFailHangOrLoseMemory() throws Exception {
        int seconds = Integer.getInteger("qedstore.fuzz.seconds", 20);
        assumeTrue(seconds > 0, "fuzzing is switched off: qedstore.fuzz.seconds=" + seconds);
        Path folder = Files.createDirectories(Path.of("target", "fuzz-nbd"));
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        Path log = folder.resolve("jazzer.log");

        int exitCode = fuzz(seconds, folder, corpus, log);

        String output = Files.readString(log, StandardCharsets.UTF_8);
        Matcher done = EXECUTIONS.matcher(output);
        boolean complete = done.find();
        System.out.println("fuzzing: " + (complete ? done.group() : "no end reported") + ", exit code " + exitCode);
        assertThat(exitCode)
                .as("Jazzer's exit code; it said:%n%s", lastLines(output))
                .isZero();
        assertThat(complete)
                .as("Jazzer reports its runs; it said:%n%s", lastLines(output))
                .isTrue();
        assertThat(Long.parseLong(done.group(1))).as("executions").isGreaterThan(10L * seconds);
    }

    private static int fuzz(int seconds, Path folder, Path corpus, Path log) throws IOException, InterruptedException {
        List<String> testCode =
                TEST_CODE.stream().map(testClass -> testClass.getName() + "**").toList();
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + NbdSessionFuzzer.class.getName(),
                "--instrumentation_includes=io.qedstore.nbd.**",
                "--instrumentation_excludes=" + String.join(":", testCode),
                "--custom_hook_excludes=io.netty.**:java.**:org.slf4j.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-max_len=1024",
                "-timeout=" + INPUT_TIMEOUT_SECONDS,
                "-max_total_time=" + seconds,
                "-print_final_stats=1",
                corpus.toString(),
                Path.of("src", "test", "resources", "fuzz", "nbd-session").toString());
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
