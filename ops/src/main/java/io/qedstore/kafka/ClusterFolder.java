package io.qedstore.kafka;

import io.qedstore.qed.file.DurableFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * The folder of an embedded Kafka, held by one program at a time.
 *
 * <pre>
 * lock                  locked while somebody holds the folder; the holder's process id
 * cluster.properties    the cluster's id, the number of brokers and their ports, from the first start on
 * node-1/               server.properties, log4j.properties, the two logs; data/ is Kafka's own, tmp/ its scratch
 * </pre>
 */
final class ClusterFolder implements Closeable {
    private static final String ID = "cluster.id";
    private static final String BROKERS = "brokers";

    private final Path folder;
    private final FileChannel lock;
    private final Properties kept;

    private ClusterFolder(Path folder, FileChannel lock, Properties kept) {
        this.folder = folder;
        this.lock = lock;
        this.kept = kept;
    }

    /**
     * Takes the folder, and makes it if it is missing.
     *
     * @throws IOException also if another program has it, or if it is the folder of another number of brokers
     */
    static ClusterFolder open(Path folder, int brokers) throws IOException {
        Files.createDirectories(folder);
        FileChannel lock = lock(folder);
        try {
            Properties kept = new Properties();
            Path file = properties(folder);
            if (Files.exists(file)) {
                try (var in = Files.newBufferedReader(file)) {
                    kept.load(in);
                }
            } else {
                kept.setProperty(ID, Uuid.randomUuid().toString());
                kept.setProperty(BROKERS, Integer.toString(brokers));
            }
            String before = kept.getProperty(BROKERS);
            if (kept.getProperty(ID) == null || !Integer.toString(brokers).equals(before)) {
                throw new IOException("the Kafka folder " + folder + " belongs to a cluster of " + before
                        + " brokers, not of " + brokers + "; start it with as many, or in another folder");
            }
            return new ClusterFolder(folder, lock, kept);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Takes a folder that was a cluster's before. */
    static Closeable hold(Path folder) throws IOException {
        if (Files.notExists(properties(folder))) {
            throw new IOException(
                    "the folder " + folder + " holds no Kafka that this program has made; name another folder");
        }
        return lock(folder);
    }

    private static Path properties(Path folder) {
        return folder.resolve("cluster.properties");
    }

    private static FileChannel lock(Path folder) throws IOException {
        Path file = folder.resolve("lock");
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            locked = tryLock(channel) != null;
            if (!locked) {
                throw new IOException("the Kafka folder " + folder + " is in use by process "
                        + Files.readString(file).strip() + "; stop that one, or choose another folder");
            }
            channel.truncate(0);
            channel.write(StandardCharsets.UTF_8.encode(ProcessHandle.current().pid() + "\n"), 0);
            return channel;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // this very program has it
        }
    }

    String clusterId() {
        return kept.getProperty(ID, "");
    }

    Path node(int node) {
        return folder.resolve("node-" + node);
    }

    /** The ports of the start before; none if there was no start. */
    SortedMap<Integer, BrokerPorts> ports() {
        SortedMap<Integer, BrokerPorts> ports = new TreeMap<>();
        int brokers = Integer.parseInt(kept.getProperty(BROKERS, "0"));
        for (int node = 1; node <= brokers; node++) {
            String broker = kept.getProperty("node." + node + ".port");
            String controller = kept.getProperty("node." + node + ".controller.port");
            if (broker == null || controller == null) {
                return new TreeMap<>();
            }
            ports.put(node, new BrokerPorts(Integer.parseInt(broker), Integer.parseInt(controller)));
        }
        return ports;
    }

    /** Keeps the ports for the next start. A crash leaves the old ones or these. */
    void keep(Map<Integer, BrokerPorts> ports) throws IOException {
        ports.forEach((node, own) -> {
            kept.setProperty("node." + node + ".port", Integer.toString(own.broker()));
            kept.setProperty("node." + node + ".controller.port", Integer.toString(own.controller()));
        });
        write(properties(folder), kept);
    }

    /** Puts a whole new file in the place of an old one. */
    static void write(Path file, Properties properties) throws IOException {
        StringWriter text = new StringWriter();
        properties.store(text, null);
        DurableFile.replace(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
