package io.qedstore.kafka;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

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

    static String classPath() throws IOException {
        Path own = own();
        return folder(own).resolve("*") + System.getProperty("path.separator") + own;
    }

    private static Path folder(Path own) throws IOException {
        Set<Path> looked = new LinkedHashSet<>();
        String property = System.getProperty(PROPERTY);
        if (property != null) {
            looked.add(Path.of(property).toAbsolutePath());
        } else {
            looked.add(own.resolveSibling("kafka"));
            for (Path above = own; above != null; above = above.getParent()) {
                if (above.endsWith("ops")) {
                    looked.add(above.resolve("kafka/target/lib"));
                }
            }
        }
        for (Path folder : looked) {
            if (holdsKafka(folder)) {
                return folder;
            }
        }
        throw new IOException("Kafka's jars are not in " + looked
                + "; in a checkout `mvn package` puts them there, elsewhere" + " set the system property " + PROPERTY);
    }

    private static boolean holdsKafka(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "kafka_*.jar")) {
            return jars.iterator().hasNext();
        }
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
