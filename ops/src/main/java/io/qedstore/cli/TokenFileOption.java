package io.qedstore.cli;

import io.qedstore.security.TokenFile;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --file}: the file that nodes read. */
final class TokenFileOption {
    @Option(
            names = "--file",
            required = true,
            paramLabel = "FILE",
            description =
                    "The file that api.tokens.file names; all nodes need the same, and read it again when it changes.")
    Path file = Path.of("");

    TokenFile open() {
        return new TokenFile(file);
    }
}
