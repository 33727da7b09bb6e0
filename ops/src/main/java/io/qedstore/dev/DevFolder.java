package io.qedstore.dev;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The folder of a {@link DevCluster}, which one at a time uses. By its lock file it is known for one. */
final class DevFolder implements Closeable {
    private static final String LOCK = "dev.lock";

    /** What a cluster has left, and nothing else, goes if it begins with nothing. */
    private static final Pattern OURS = Pattern.compile("kafka|node-[1-9]|endpoints\\.json(\\.new)?");

    private final Path path;
    private final FileChannel lockFile;

    private DevFolder(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Opens the folder, or makes it.
     *
     * @param fresh whether what a cluster has left there goes
     * @throws IOException if it is in use, or would have to be cleared and was never a cluster's
     */
    static DevFolder open(Path path, boolean fresh) throws IOException {
        Files.createDirectories(path);
        if (fresh && Files.notExists(path.resolve(LOCK)) && !isEmpty(path)) {
            throw new IOException("--fresh would clear " + path
                    + ", which holds no cluster of `dev up`; name another folder with --dir");
        }
        FileChannel lockFile =
                FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean opened = false;
        try {
            if (lock(lockFile) == null) {
                throw new IOException("a cluster of `dev up` runs in " + path
                        + " already; end that one first, or name another folder with --dir");
            }
            DevFolder folder = new DevFolder(path, lockFile);
            if (fresh) {
                folder.clear();
            }
            opened = true;
            return folder;
        } finally {
            if (!opened) {
                lockFile.close();
            }
        }
    }

    private static boolean isEmpty(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.findAny().isEmpty();
        }
    }

    private static @Nullable FileLock lock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // by this very process
        }
    }

    private void clear() throws IOException {
        List<Path> left;
        try (Stream<Path> files = Files.list(path)) {
            left = files.filter(file ->
                            OURS.matcher(String.valueOf(file.getFileName())).matches())
                    .toList();
        }
        for (Path ours : left) {
            delete(ours);
        }
    }

    private static void delete(Path top) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(top)) {
            deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }

    Path path() {
        return path;
    }

    /** Somebody else may use it now. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
