package io.qedstore.qed.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Turns the errno of a native open into the exception that Java's own open would have thrown. */
final class FileErrors {
    private static final int ENOENT = 2;
    private static final int EACCES = 13;
    private static final int ENOTDIR = 20;
    private static final int EISDIR = 21;
    private static final int EMFILE = 24;
    private static final int EROFS = 30;
    private static final int ELOOP = 40;

    private FileErrors() {}

    static IOException opening(Path path, int errno, boolean writable) {
        String file = path.toString();
        return switch (errno) {
            case ENOENT -> new NoSuchFileException(file, null, "No such file or directory");
            case ENOTDIR -> new NotDirectoryException(file);
            case EACCES -> new AccessDeniedException(file, null, "Permission denied");
            case EISDIR -> new FileSystemException(file, null, "Is a directory");
            case EMFILE -> new FileSystemException(file, null, "Too many open files");
            case EROFS -> new FileSystemException(file, null, "Read-only file system");
            case ELOOP -> new FileSystemException(file, null, "Too many levels of symbolic links");
            default ->
                new FileSystemException(
                        file, null, "open for " + (writable ? "writing" : "reading") + " failed with errno " + errno);
        };
    }
}
