package io.qedstore.dev;

import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.qed.file.DurableFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a {@link DevCluster} leaves in its folder: {@code kafka}, by which it is known and held, its nodes' folders, and where they are. */
final class DevFolder {
    static final String KAFKA = "kafka";
    static final String ENDPOINTS = "endpoints.json";

    private static final Pattern OTHERS = Pattern.compile("node-[1-9]|endpoints\\.json(\\.new)?");

    private DevFolder() {}

    /**
     * Deletes what a cluster has left, and nothing else.
     *
     * @throws IOException if it runs, or if there are only things of somebody else's; those stay
     */
    static void clear(Path folder) throws IOException {
        if (Files.notExists(folder) || list(folder).isEmpty()) {
            return;
        }
        Path kafka = folder.resolve(KAFKA);
        Closeable held = EmbeddedKafka.hold(kafka);
        try (held) {
            for (Path file : list(folder)) {
                if (OTHERS.matcher(String.valueOf(file.getFileName())).matches()) {
                    DurableFile.removeAll(file);
                }
            }
            DurableFile.removeAll(kafka); // last: until then the folder is known
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
