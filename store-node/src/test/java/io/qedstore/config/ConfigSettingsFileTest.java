package io.qedstore.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigSettingsFileTest {
    private static final String ALPHABET = "ab=: \t\f\\\\\\\n\n\r#!";

    @TempDir
    Path folder = Path.of("");

    @Test
    void anyTextIsReadAsPropertiesReadIt() throws Exception {
        for (long seed = 0; seed < 1500; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(40); text.length() < length; ) {
                text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            text.append("\nend"); // to Properties, a backslash alone at the end of a file is an empty key; here it is
            // nothing
            Properties expected = new Properties();
            expected.load(new StringReader(text.toString()));

            List<String> problems = new ArrayList<>();
            Map<String, String> found = new HashMap<>();
            SettingsFile.read(ConfigFile.write(folder, text.toString()).path(), problems)
                    .forEach((key, setting) -> found.put(key, setting.text()));
            if (problems.isEmpty()) {
                assertThat(found).as("seed %d: %s", seed, text).isEqualTo(expected);
            } else { // keys twice, of which the first counts here
                assertThat(found).as("seed %d: %s", seed, text).containsOnlyKeys(expected.stringPropertyNames());
            }
        }
    }

    @Test
    void settingsKnowTheirLines() throws Exception {
        Map<String, Setting> settings = SettingsFile.read(
                ConfigFile.write(folder, "# one \\\na=\\\n  1\r\n\r\n  b 2\r! five\rc")
                        .path(),
                new ArrayList<>());
        assertThat(settings.values())
                .extracting(setting ->
                        setting.key() + "=" + setting.text() + setting.where().replaceAll(".* line", " on"))
                .containsExactly("a=1 on 2", "b=2 on 5", "c= on 7");
    }
}
