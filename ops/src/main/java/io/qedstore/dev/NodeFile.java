package io.qedstore.dev;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The configuration of a node on this machine. */
public final class NodeFile {
    private NodeFile() {}

    /**
     * Writes one that listens on loopback, on any free ports unless {@code others} say otherwise.
     *
     * @param folder of the node; its data is in there too
     * @param others further properties, which win
     * @return the file
     */
    public static Path write(Path folder, String id, String kafka, Map<String, String> others) throws IOException {
        Files.createDirectories(folder);
        Map<String, String> usual = Map.of(
                "node.id", id,
                "data.dir", "data",
                "kafka.bootstrap.servers", kafka,
                "nbd.listen", "127.0.0.1:0",
                "api.listen", "127.0.0.1:0");
        List<String> lines = Stream.concat(
                        usual.entrySet().stream().filter(entry -> !others.containsKey(entry.getKey())),
                        others.entrySet().stream())
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .sorted()
                .toList();
        return Files.write(folder.resolve("node.properties"), lines, StandardCharsets.UTF_8);
    }
}
