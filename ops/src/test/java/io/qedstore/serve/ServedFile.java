package io.qedstore.serve;

import io.qedstore.cli.Program;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code qedstore file serve} as a process. Closing it asks it to stop, as SIGTERM does. */
final class ServedFile implements Closeable {
    /** The program, as the words of a command line. */
    static final List<String> QEDSTORE = List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.qedstore.cli.Main");

    private static final String READY = "ready ";
    private static final long DEADLINE_SECONDS = 60;

    private final Process process;
    private final Path err;
    private final String uri;

    private ServedFile(Process process, Path err, String uri) {
        this.process = process;
        this.err = err;
        this.uri = uri;
    }

    /** Starts the server in a folder and returns once it accepts clients. */
    static ServedFile start(Path folder, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(QEDSTORE);
        command.addAll(List.of("file", "serve"));
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        Path err = Files.createTempFile("serve", ".err");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(err.toFile())
                .start();
        boolean ready = false;
        try {
            String line = firstLine(process);
            if (!line.startsWith(READY)) {
                throw new IOException(command.subList(QEDSTORE.size(), command.size()) + " said '" + line
                        + "', expected '" + READY + "URI'; it complains: " + Files.readString(err));
            }
            ready = true;
            return new ServedFile(process, err, line.substring(READY.length()));
        } finally {
            if (!ready) {
                process.destroyForcibly();
                Files.deleteIfExists(err);
            }
        }
    }

    private static String firstLine(Process process) throws IOException, InterruptedException {
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
            try {
                return String.valueOf(out.readLine());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            return line.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the server was not ready within " + DEADLINE_SECONDS + " seconds", e);
        }
    }

    /** Under which clients find the export. */
    String uri() {
        return uri;
    }

    /** The same with another export name. */
    String uri(String export) {
        int query = uri.indexOf('?');
        String end = query < 0 ? "" : uri.substring(query);
        String start = uri.substring(0, uri.length() - end.length());
        return start.substring(0, start.indexOf('/', start.indexOf("//") + 2) + 1) + export + end;
    }

    int port() {
        return URI.create(uri).getPort();
    }

    long pid() {
        return process.pid();
    }

    /** Ends the server as SIGKILL does: nothing is cleared away. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends the server as SIGTERM does, and gives its exit code and what it complained about. */
    Program.Result stop() throws IOException, InterruptedException {
        process.destroy();
        try {
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the server did not stop within " + DEADLINE_SECONDS + " seconds");
            }
            return new Program.Result(process.exitValue(), READY + uri, Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            stop();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } finally {
            Files.deleteIfExists(err);
        }
    }
}
