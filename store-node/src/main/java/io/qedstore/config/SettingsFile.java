package io.qedstore.config;

import io.qedstore.qed.ImageChain;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Reads a file of {@link Properties}, in UTF-8, with what {@code Properties} itself loses: the line that each setting stands in
 * and settings that stand there twice.
 */
final class SettingsFile {
    private final Path file;
    private final List<String> problems;
    private final Map<String, Setting> settings = new LinkedHashMap<>();

    private SettingsFile(Path file, List<String> problems) {
        this.file = file;
        this.problems = problems;
    }

    /**
     * By their keys, in the order of the file.
     *
     * @param problems takes what is wrong with its lines
     * @throws ConfigException if it cannot be read at all
     */
    static Map<String, Setting> read(Path file, List<String> problems) throws ConfigException {
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new ConfigException(List.of("cannot read the configuration " + file + ": it is not UTF-8"));
        } catch (IOException e) {
            throw new ConfigException(List.of("cannot read the configuration " + file + ": " + ImageChain.reason(e)));
        }
        SettingsFile reader = new SettingsFile(file, problems);
        reader.parse(text.split("\r\n|\r|\n", -1));
        return reader.settings;
    }

    private void parse(String[] lines) {
        for (int next = 0; next < lines.length; ) {
            int first = next;
            StringBuilder whole = new StringBuilder(lines[next++]);
            if (isBlankOrComment(whole.toString())) {
                continue;
            }
            while (next < lines.length && goesOn(lines[next - 1])) {
                whole.append('\n').append(lines[next++]);
            }
            parse(whole.toString(), "in " + file + " line " + (first + 1));
        }
    }

    private void parse(String line, String where) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(line + "\n"));
        } catch (IOException | IllegalArgumentException e) {
            problems.add(
                    "found \\u without four hexadecimal digits " + where + ", expected them, or \\\\ for a backslash");
            return;
        }
        for (String key : one.stringPropertyNames()) {
            Setting setting = new Setting(key, one.getProperty(key), where);
            Setting before = settings.putIfAbsent(key, setting);
            if (before != null) {
                problems.add(UnknownKey.shown(key) + " is set " + where + ", and was set " + before.where()
                        + "; expected once");
            }
        }
    }

    private static boolean isBlankOrComment(String line) {
        String begin = line.replaceFirst("^[ \t\f]+", "");
        return begin.isEmpty() || begin.startsWith("#") || begin.startsWith("!");
    }

    private static boolean goesOn(String line) {
        int backslashes = 0;
        while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }
}
