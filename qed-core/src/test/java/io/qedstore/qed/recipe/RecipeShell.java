package io.qedstore.qed.recipe;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;

/** Runs a recipe in a folder with the engine of this project in the place of qemu's tools. */
final class RecipeShell {
    private final Path folder;
    private final ImageTools tools;

    RecipeShell(Path folder) {
        this.folder = folder;
        this.tools = new ImageTools(folder);
    }

    /** @throws UnsupportedOperationException if a step needs a program that the engine is no part of */
    void run(String commands) throws IOException {
        for (String step : ShellWords.steps(commands)) {
            runStep(step);
        }
    }

    private void runStep(String step) throws IOException {
        if (step.startsWith("qemu-")) {
            tools.run(ShellWords.split(step));
            return;
        }
        byte[] bytes = new byte[0];
        for (String part : step.split(" \\| ", -1)) {
            List<String> words = ShellWords.split(part);
            bytes = switch (words.get(0)) {
                case "printf" -> unescape(words.get(1));
                case "head" -> head(words);
                case "tr" -> tr(words, bytes);
                case "dd" -> dd(words, bytes);
                default -> throw new IllegalArgumentException("unknown step: " + step);
            };
            redirect(words, bytes);
        }
    }

    private static byte[] unescape(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String hex : text.substring(2).split("\\\\x", -1)) {
            bytes.write(Integer.parseInt(hex, 16));
        }
        return bytes.toByteArray();
    }

    private static byte[] head(List<String> words) {
        byte[] bytes = new byte[Integer.parseInt(words.get(2))];
        if (words.get(3).equals("/dev/urandom")) {
            new Random(1).nextBytes(bytes);
        }
        return bytes;
    }

    private static byte[] tr(List<String> words, byte[] input) {
        byte[] output = input.clone();
        byte from = words.get(1).equals("\\0") ? 0 : (byte) words.get(1).charAt(0);
        for (int i = 0; i < output.length; i++) {
            output[i] = output[i] == from ? (byte) words.get(2).charAt(0) : output[i];
        }
        return output;
    }

    private byte[] dd(List<String> words, byte[] input) throws IOException {
        Path file = folder.resolve(value(words, "of="));
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(Long.parseLong(value(words, "bs=")) * Long.parseLong(value(words, "seek=")));
            out.write(input);
        }
        return new byte[0];
    }

    private static String value(List<String> words, String key) {
        return words.stream()
                .filter(word -> word.startsWith(key))
                .findFirst()
                .orElseThrow()
                .substring(key.length());
    }

    private void redirect(List<String> words, byte[] bytes) throws IOException {
        if (words.contains(">")) {
            Files.write(folder.resolve(words.get(words.indexOf(">") + 1)), bytes);
        } else if (words.contains(">>")) {
            Files.write(folder.resolve(words.get(words.indexOf(">>") + 1)), bytes, StandardOpenOption.APPEND);
        }
    }
}
