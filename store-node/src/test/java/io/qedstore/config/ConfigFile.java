package io.qedstore.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A file as somebody wrote it. */
record ConfigFile(Path path) {
    static final Machine MACHINE = new Machine(Optional.of("store1"), 8L << 30);
    /** What has to be set. */
    static final String LEAST = "data.dir=data\nkafka.bootstrap.servers=broker:9092\n";

    static ConfigFile write(Path folder, String text) {
        try {
            return new ConfigFile(Files.writeString(folder.resolve("node.properties"), text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    NodeConfig load(String... overrides) throws ConfigException {
        return NodeConfig.load(path, List.of(overrides), MACHINE);
    }

    /** What is wrong with it, with FILE for its path. */
    List<String> problems(String... overrides) {
        return problems(MACHINE, overrides);
    }

    List<String> problems(Machine machine, String... overrides) {
        try {
            NodeConfig.load(path, List.of(overrides), machine);
            return List.of();
        } catch (ConfigException e) {
            return e.problems().stream()
                    .map(problem -> problem.replace(path.toString(), "FILE"))
                    .toList();
        }
    }
}
