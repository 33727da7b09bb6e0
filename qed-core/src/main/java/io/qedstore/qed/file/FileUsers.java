package io.qedstore.qed.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds out who has a file open, as far as this user may know: for error messages. */
final class FileUsers {
    private FileUsers() {}

    /** A clause such as {@code process 1234 (qemu-io) has the image open}. */
    static String describe(Path path) {
        String self = String.valueOf(ProcessHandle.current().pid());
        List<String> others = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String id = String.valueOf(process.getFileName());
                if (!id.equals(self) && hasOpen(process, path)) {
                    others.add("process " + id + " (" + name(process) + ")");
                }
            }
        } catch (IOException e) {
            others.clear();
        }
        return (others.isEmpty() ? "this or another process" : String.join(", ", others)) + " has the image open";
    }

    private static boolean hasOpen(Path process, Path path) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.isSameFile(descriptor, path)) {
                    return true;
                }
            }
        } catch (IOException | RuntimeException e) {
            return false; // not ours to see, or gone meanwhile
        }
        return false;
    }

    private static String name(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("comm")), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "name unknown";
        }
    }
}
