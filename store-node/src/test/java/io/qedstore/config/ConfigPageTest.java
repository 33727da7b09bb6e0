package io.qedstore.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigPageTest {
    private static final Path COMMITTED = Path.of("../ops/docs/node-config.md");
    private static final Path GENERATED = Path.of("target/node-config.md");

    @Test
    void theCommittedPageSaysWhatTheTableSays() throws IOException {
        Files.writeString(GENERATED, ConfigPage.text());
        assertThat(COMMITTED)
                .as("generated from NodeKeys; where it differs: cp store-node/target/node-config.md ops/docs/")
                .hasSameTextualContentAs(GENERATED);
    }
}
