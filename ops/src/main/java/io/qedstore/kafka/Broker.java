package io.qedstore.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One broker's process. Its owner, {@link EmbeddedKafka}, calls it under its own lock. */
final class Broker {
    private static final int TAIL_LINES = 40;
    private static final int TAIL_BYTES = 64 << 10;

    private final int node;
    private final Path folder;
    private final Process process;
    private @Nullable Process guard;

    private Broker(int node, Path folder, Process process) {
        this.node = node;
        this.folder = folder;
        this.process = process;
    }

    /** Starts the process; the broker is not ready yet when this returns. */
    static Broker start(
            int node, Path folder, String clusterId, int heapMebibytes, Map<String, String> brokerProperties)
            throws IOException {
        Files.createDirectories(folder.resolve("tmp"));
        Properties properties = new Properties();
        properties.putAll(brokerProperties);
        Path file = folder.resolve("server.properties");
        ClusterFolder.write(file, properties);
        Path log4j = folder.resolve("log4j.properties");
        ClusterFolder.write(log4j, logging(folder.resolve("broker.log")));
        List<String> command = new ArrayList<>(List.of(
                // Ctrl-C and a closed terminal are signals to our program, which decides when its broker stops.
                "/bin/sh",
                "-c",
                "trap '' INT HUP; exec \"$@\"",
                "broker",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMebibytes + "m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.io.tmpdir=" + folder.resolve("tmp"),
                "-Dlog4j.configuration=" + log4j.toUri(),
                "-cp",
                BrokerJars.classPath(),
                BrokerMain.class.getName(),
                file.toString(),
                data(folder).toString(),
                clusterId));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("broker.out").toFile())
                .start();
        return new Broker(node, folder, process);
    }

    /** Kafka's own part of a node's folder. */
    static Path data(Path folder) {
        return folder.resolve("data");
    }

    private static Properties logging(Path file) {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "log4j.rootLogger", "INFO, file",
                "log4j.appender.file", "org.apache.log4j.RollingFileAppender",
                "log4j.appender.file.File", file.toString(),
                "log4j.appender.file.MaxFileSize", "10MB",
                "log4j.appender.file.MaxBackupIndex", "2",
                "log4j.appender.file.layout", "org.apache.log4j.PatternLayout",
                "log4j.appender.file.layout.ConversionPattern", "%d %p %m (%c)%n"));
        return properties;
    }

    int node() {
        return node;
    }

    Path folder() {
        return folder;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    boolean isPaused() {
        return guard != null;
    }

    /** @throws IOException with the end of its logs if the process has ended */
    void checkAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("Kafka broker " + node + " ended with exit code " + process.exitValue()
                    + "; the end of its logs in " + folder + ":\n" + tail());
        }
    }

    /** The last lines that the broker wrote. */
    String tail() throws IOException {
        return tail(folder.resolve("broker.out")) + tail(folder.resolve("broker.log"));
    }

    private static String tail(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        String text;
        try (var channel = Files.newByteChannel(file)) {
            long from = Math.max(0, channel.size() - TAIL_BYTES);
            channel.position(from);
            text = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
        List<String> lines = text.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())) + "\n";
    }

    /** Asks the broker to stop, as SIGTERM does. */
    void terminate() throws IOException, InterruptedException {
        if (isPaused()) {
            resume();
        }
        process.toHandle().destroy(); // Process.destroy would end the pipe as well, and the broker at once
    }

    /** Waits for the end of a broker that was asked to stop; it is killed once the time is over. */
    boolean awaitEnd(Duration time) throws InterruptedException {
        if (process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
            return true;
        }
        kill();
        return false;
    }

    /** Ends the broker as SIGKILL does, even a paused one. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        if (guard != null) {
            guard.destroyForcibly().waitFor();
            guard = null;
        }
    }

    /** Stops the process in its tracks, as SIGSTOP does: its connections stay open and nothing is answered. */
    void pause() throws IOException, InterruptedException {
        if (isPaused()) {
            return;
        }
        checkAlive();
        // A stopped broker would not see our end; the shell does, and SIGKILL reaches stopped processes too.
        guard = new ProcessBuilder("/bin/sh", "-c", "trap '' INT HUP; read -r word || kill -KILL \"$0\"", pidText())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        signal("STOP");
    }

    /** Lets a paused broker go on. */
    void resume() throws IOException, InterruptedException {
        Process watching = guard;
        if (watching == null) {
            return;
        }
        signal("CONT");
        try (OutputStream word = watching.getOutputStream()) {
            word.write('\n');
        }
        watching.waitFor();
        guard = null;
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " \"$0\"", pidText())
                .redirectErrorStream(true)
                .start();
        String complaint = new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (kill.waitFor() != 0) {
            throw new IOException("SIG" + name + " did not reach Kafka broker " + node + ": " + complaint.strip());
        }
    }

    private String pidText() {
        return Long.toString(process.pid());
    }
}
