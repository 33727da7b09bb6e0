package io.qedstore.dev;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node as a process of its own. It ends with this one at the latest. */
public final class NodeProcess implements Closeable {
    private static final Pattern READY = Pattern.compile("ready api=(\\S+) nbd=(\\S+)");
    private static final Duration START_DEADLINE = Duration.ofMinutes(2);

    /** A node takes 50 s by itself if Kafka is away and clients wait for it. */
    private static final Duration STOP_DEADLINE = Duration.ofMinutes(2);

    private final Process process;
    private final Thread killer;
    private final String api;
    private final String nbd;

    private NodeProcess(Process process, Thread killer, String api, String nbd) {
        this.process = process;
        this.killer = killer;
        this.api = api;
        this.nbd = nbd;
    }

    /**
     * Starts a node and returns once it serves.
     *
     * @param config its properties; what it says goes into {@code node.log} beside them
     * @param jvmArguments such as {@code -Xmx256m}
     */
    public static NodeProcess start(Path config, List<String> jvmArguments) throws IOException, InterruptedException {
        return start(config, jvmArguments, Map.of());
    }

    /**
     * As {@link #start(Path, List)}.
     *
     * @param environment what the process has in its environment beside what this one has
     */
    public static NodeProcess start(Path config, List<String> jvmArguments, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(jvmArguments);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.qedstore.cli.Main"));
        command.addAll(List.of("node", "start", "--config=" + config));
        Path log = config.resolveSibling("node.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        Thread killer = new Thread(process::destroyForcibly, "kill a node");
        Runtime.getRuntime().addShutdownHook(killer);
        boolean ready = false;
        try {
            Matcher said = awaitReady(process, log);
            ready = true;
            return new NodeProcess(process, killer, said.group(1), said.group(2));
        } finally {
            if (!ready) {
                process.destroyForcibly().waitFor();
                Runtime.getRuntime().removeShutdownHook(killer);
            }
        }
    }

    private static Matcher awaitReady(Process process, Path log) throws IOException, InterruptedException {
        CompletableFuture<Matcher> ready = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(process, ready), "read what a node says");
        reader.setDaemon(true);
        reader.start();
        try {
            return ready.get(START_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            String said = Files.readString(log);
            throw new IOException(
                    "the node did not become ready; it said: "
                            + said.substring(Math.max(0, said.length() - 2000)).strip(),
                    e);
        }
    }

    /** To the end, so that the node can go on writing. */
    private static void read(Process process, CompletableFuture<Matcher> ready) {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                Matcher matcher = READY.matcher(line);
                if (matcher.matches()) {
                    ready.complete(matcher);
                }
            }
            ready.completeExceptionally(new IOException("it ended"));
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    /** A URL. */
    public String api() {
        return api;
    }

    /** The NBD URI of an export. */
    public String nbd(String export) {
        return nbd + "/" + export;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it as SIGKILL does. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /**
     * Ends it in order, as SIGTERM does.
     *
     * @return its exit code
     */
    public int stop() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IOException("the node did not end within " + STOP_DEADLINE.toSeconds() + " s and was killed");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            killer.interrupt(); // this program ends, and the node with it
        }
    }
}
