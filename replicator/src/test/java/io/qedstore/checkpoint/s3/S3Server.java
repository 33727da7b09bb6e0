package io.qedstore.checkpoint.s3;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A server that speaks S3, Adobe's S3Mock, as a process of its own. The build puts it into the replicator's {@code target/s3mock}. */
public final class S3Server implements AutoCloseable {
    public static final String BUCKET = "qedstore-test";

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern STARTED = Pattern.compile("Tomcat started on ports.* (\\d+) \\(http\\)");
    private static final Pattern READY = Pattern.compile("Started S3MockApplication");

    private final Process process;
    private final URI endpoint;

    private S3Server(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Returns once it serves. */
    public static S3Server start(Path folder) throws IOException, InterruptedException {
        Path jar = jar();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-jar",
                        jar.toString(),
                        "--server.port=0",
                        "--com.adobe.testing.s3mock.httpPort=0",
                        "--com.adobe.testing.s3mock.store.root=" + Files.createDirectories(folder),
                        "--com.adobe.testing.s3mock.store.initial-buckets=" + BUCKET)
                .redirectErrorStream(true)
                .start();
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(process, port), "s3mock's output");
        reader.setDaemon(true);
        reader.start();
        try {
            return new S3Server(
                    process, URI.create("http://127.0.0.1:" + port.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)));
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IOException("S3Mock did not start", e);
        }
    }

    private static Path jar() throws IOException {
        Path ours = Path.of("target", "s3mock", "s3mock.jar");
        Path fromBeside = Path.of("..", "replicator").resolve(ours);
        return Stream.of(ours, fromBeside)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IOException(
                        ours + " of the replicator is missing; Maven's phase process-test-resources puts it there"));
    }

    private static void read(Process process, CompletableFuture<Integer> port) {
        int found = 0;
        StringBuilder said = new StringBuilder();
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                said.append(line).append('\n');
                Matcher started = STARTED.matcher(line);
                if (started.find()) {
                    found = Integer.parseInt(started.group(1));
                }
                if (READY.matcher(line).find()) {
                    port.complete(found);
                }
            }
        } catch (IOException e) {
            said.append(e);
        }
        port.completeExceptionally(new IOException("it ended, and said: " + said));
    }

    public URI endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
