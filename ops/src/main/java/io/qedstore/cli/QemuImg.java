package io.qedstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.cli.api.ApiJson;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The program of that name, for formats that only qemu reads. */
final class QemuImg {
    private static final String PROGRAM = "qemu-img";

    private QemuImg() {}

    /** The backing file that an image names; empty if it has none. */
    static Optional<String> backing(Path file, String format) throws IOException, CommandFailure {
        JsonNode name = info(file, Optional.of(format)).get("backing-filename");
        return Optional.ofNullable(name).map(JsonNode::asText);
    }

    /**
     * What it says of one file, without opening what is behind it.
     *
     * @param format empty to have it looked up
     */
    static JsonNode info(Path file, Optional<String> format) throws IOException, CommandFailure {
        List<String> words = new ArrayList<>(List.of("info", "--output=json"));
        format.ifPresent(name -> words.addAll(List.of("-f", name)));
        words.add(absolute(file));
        return ApiJson.mapper().readTree(run(words));
    }

    /** Makes a QED file of what a guest sees on a disk. */
    static void convert(Path source, String format, Path target) throws IOException, CommandFailure {
        run(List.of("convert", "-f", format, "-O", "qed", absolute(source), absolute(target)));
    }

    /** A name with a colon in it would be a protocol's. */
    private static String absolute(Path file) {
        return file.toAbsolutePath().toString();
    }

    private static String run(List<String> words) throws IOException, CommandFailure {
        List<String> command = new ArrayList<>(List.of(PROGRAM));
        command.addAll(words);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
        } catch (IOException e) {
            throw new CommandFailure(PROGRAM + " is needed to read this format, and cannot be run (" + e.getMessage()
                    + "); install qemu-utils, or convert the disk to raw or qed elsewhere");
        }
        CompletableFuture<String> said = CompletableFuture.supplyAsync(() -> text(process));
        boolean ended = false;
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            ended = true;
            if (code != 0) {
                throw new CommandFailure(PROGRAM + " " + words.get(0) + " failed with " + code + ": "
                        + said.join().strip().replace('\n', ' '));
            }
            return out;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + PROGRAM + " ran");
        } finally {
            if (!ended) {
                process.destroyForcibly();
            }
        }
    }

    private static String text(Process process) {
        try {
            return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
