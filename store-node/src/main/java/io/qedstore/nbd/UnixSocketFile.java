package io.qedstore.nbd;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The file that a listening unix socket leaves in the file system: cleared away before, given its mode, removed after. */
final class UnixSocketFile {
    /** The kernel's {@code sun_path}, less the byte that ends it. */
    private static final int MAX_PATH_BYTES = 107;

    /** The kernel's {@code S_IFMT} and {@code S_IFSOCK}. */
    private static final int TYPE_MASK = 0170000;

    private static final int SOCKET_TYPE = 0140000;

    private final Path path;
    private final Path bindPath;
    private @Nullable Object key;

    UnixSocketFile(Path path) {
        this.path = path;
        Path hidden = path.resolveSibling("." + Long.toString(System.nanoTime() & 0xff_ffff, Character.MAX_RADIX));
        this.bindPath = bytes(hidden) > MAX_PATH_BYTES ? path : hidden;
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Where the socket is to be bound. It gets its name with its mode, so nobody else can connect before that; and Netty,
     * which removes the path it has bound whatever lies there by then, does not know the name.
     */
    Path bindPath() {
        return bindPath;
    }

    /**
     * Removes a socket that nobody listens on any more.
     *
     * @throws FileSystemException if somebody does, or if something else has this name
     */
    void makeWay() throws IOException {
        int bytes = bytes(path);
        if (bytes > MAX_PATH_BYTES) {
            throw refused("the path has " + bytes + " bytes, and a socket's may have " + MAX_PATH_BYTES
                    + "; choose a shorter one");
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isSocket()) {
            throw refused("there is a file of this name that is no socket; choose another name or remove it");
        }
        if (isListenedOn()) {
            throw refused("another server listens on this socket; stop it first or choose another name");
        }
        Files.delete(path);
    }

    private FileSystemException refused(String reason) {
        return new FileSystemException(path.toString(), null, reason);
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private boolean isSocket() throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & TYPE_MASK) == SOCKET_TYPE;
    }

    /** Only the kernel's refusal says that nobody does; what may not be asked is not ours to remove. */
    private boolean isListenedOn() throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) {
            throw refused("whether another server listens on this socket cannot be told (" + e.getMessage()
                    + "); choose another name or remove it");
        }
    }

    /** Called once the socket is bound: gives it its mode and its name. */
    void bound(Set<PosixFilePermission> mode) throws IOException {
        Files.setPosixFilePermissions(bindPath, mode);
        Files.move(bindPath, path, StandardCopyOption.ATOMIC_MOVE);
        key = attributes().fileKey();
    }

    /** Removes the file, unless somebody else has put another one there. */
    void remove() throws IOException {
        if (key != null
                && Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && Objects.equals(key, attributes().fileKey())) {
            Files.delete(path);
        }
    }
}
