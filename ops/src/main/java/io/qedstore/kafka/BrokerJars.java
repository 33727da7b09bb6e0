package io.qedstore.kafka;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The class path of a broker: Kafka's jars, which are on nobody else's class path, and what holds {@link BrokerMain}.
 *
 * <p>The jars are where the system property {@code qedstore.kafka.lib} says; without one in {@code lib/kafka} of a
 * distribution or in {@code ops/kafka/target/lib} of a checkout.
 */
final class BrokerJars {
    /** Names the folder of the jars. */
    static final String PROPERTY = "qedstore.kafka.lib";

    private BrokerJars() {}

    /** As {@code java -cp} takes it. */
    static String classPath() throws IOException {
        Path own = own();
        return folder(own, System.getProperty(PROPERTY)).resolve("*") + File.pathSeparator + own;
    }

    /**
     * The folder of Kafka's jars.
     *
     * @param own the jar or the folder of our own classes
     * @param chosen the value of the system property
     */
    static Path folder(Path own, @Nullable String chosen) throws IOException {
        Set<Path> looked = new LinkedHashSet<>();
        if (chosen != null) {
            looked.add(Path.of(chosen).toAbsolutePath());
        } else {
            looked.add(own.resolveSibling("kafka"));
            for (Path above = own; above != null; above = above.getParent()) {
                if (above.endsWith("ops")) {
                    looked.add(above.resolve("kafka/target/lib"));
                }
            }
        }
        for (Path folder : looked) {
            List<String> versions = versions(folder);
            if (versions.size() > 1) {
                throw new IOException(folder + " holds several versions of Kafka, " + versions
                        + "; remove it and build again, so that only one is there");
            }
            if (versions.size() == 1) {
                return folder;
            }
        }
        throw new IOException("Kafka's jars are not in " + looked
                + "; in a checkout `mvn package` puts them there, elsewhere" + " set the system property " + PROPERTY);
    }

    private static List<String> versions(Path folder) throws IOException {
        List<String> versions = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "kafka_*.jar")) {
                jars.forEach(jar -> versions.add(String.valueOf(jar.getFileName())));
            }
        }
        return versions;
    }

    /** The jar or the folder of our own classes. */
    private static Path own() {
        try {
            return Path.of(BrokerJars.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the place of qedstore's own classes is no file", e);
        }
    }
}
