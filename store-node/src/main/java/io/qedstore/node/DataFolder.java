package io.qedstore.node;

import io.qedstore.event.NodeId;
import io.qedstore.qed.file.DurableFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * All that a node has on its disk:
 *
 * <pre>
 *   node.lock     held while the node runs
 *   node.id       which node's folder this is
 *   index/        RocksDB: the folded catalog, and how far each image's file is
 *   images/       one file for each image: {id}.qed; and what clones lie over
 *   creations/    which images are being created: their logs are removed if they do not come to be
 *   trash         for how long deleted images have been there
 *   checkpoints/  copies of images at one event, from which points are made
 *   points/       files of points that clients read; cleared at each start
 *   exports/      copies that are being downloaded; cleared at each start
 *   imports/      files that are to become images; cleared at each start, with the logs that they had
 * </pre>
 *
 * <p>The lock ends with the process, however that ends: whoever has it knows that no process before uses the folder any more.
 */
final class DataFolder implements Closeable {
    private final Path path;
    private final NodeId node;
    private final FileChannel lockFile;

    private DataFolder(Path path, NodeId node, FileChannel lockFile) {
        this.path = path;
        this.node = node;
        this.lockFile = lockFile;
    }

    /**
     * Opens the folder, or makes it. A new one is nobody's before {@link #own}.
     *
     * @throws IOException if it is another node's, or in use
     */
    static DataFolder open(Path path, NodeId node) throws IOException {
        Files.createDirectories(path);
        FileChannel lockFile =
                FileChannel.open(path.resolve("node.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean opened = false;
        try {
            if (!isLocked(lockFile)) {
                throw new IOException(
                        "the data folder " + path + " is in use by another process; stop that node first, or"
                                + " set data.dir to another folder");
            }
            requireOf(path, node);
            opened = true;
            return new DataFolder(path, node, lockFile);
        } finally {
            if (!opened) {
                lockFile.close();
            }
        }
    }

    private static boolean isLocked(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // by this very process
        }
    }

    private static void requireOf(Path path, NodeId node) throws IOException {
        Path file = idFile(path);
        if (Files.exists(file)) {
            String found = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (!found.equals(node.value())) {
                throw new IOException("the data folder " + path + " is that of node '" + found + "', expected node '"
                        + node + "'; set node.id or data.dir so that they belong together");
            }
        }
    }

    private static Path idFile(Path path) {
        return path.resolve("node.id");
    }

    /** Whether the node has never been known to the cluster with this folder. */
    boolean isNew() {
        return Files.notExists(idFile(path));
    }

    /**
     * Fails if this folder is new, and the cluster knows the node: then that node has another folder, most likely on another machine,
     * where it goes on. Two nodes of one name would take each other's images, each for its own before it was started anew.
     */
    void requireOnlyOne(boolean isKnown) throws IOException {
        if (isNew() && isKnown) {
            throw new IOException("the cluster knows a node '" + node + "' already, and the data folder " + path
                    + " is new; give this node another node.id. If it is that node, whose data folder was lost, and it runs"
                    + " nowhere else: write its id into " + idFile(path) + " and start it again");
        }
    }

    /** From now on the folder is this node's; durable when it returns. */
    void own() throws IOException {
        if (!isNew()) {
            return;
        }
        DurableFile.replace(idFile(path), (node.value() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    Path path() {
        return path;
    }

    Path index() {
        return path.resolve("index");
    }

    Path images() {
        return path.resolve("images");
    }

    Path creations() {
        return path.resolve("creations");
    }

    Path trash() {
        return path.resolve("trash");
    }

    Path checkpoints() {
        return path.resolve("checkpoints");
    }

    Path scrubs() {
        return path.resolve("scrubs");
    }

    Path points() {
        return path.resolve("points");
    }

    Path exports() {
        return path.resolve("exports");
    }

    Path imports() {
        return path.resolve("imports");
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
