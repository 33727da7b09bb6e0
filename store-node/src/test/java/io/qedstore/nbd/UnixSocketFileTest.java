package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.MemoryBlockDevice;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketFileTest {
    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rw-rw----");

    @TempDir
    private Path folder = Path.of("");

    private Path path = Path.of("");

    @BeforeEach
    void choosePath() {
        path = folder.resolve("s");
    }

    private ServerSocketChannel listen() throws IOException {
        return listen(path);
    }

    private static ServerSocketChannel listen(Path at) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(at));
    }

    private boolean exists() {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void aSocketThatADeadServerLeftIsClearedAway() throws IOException {
        listen().close();
        assertThat(exists()).isTrue();
        new UnixSocketFile(path).makeWay();
        assertThat(exists()).isFalse();
        new UnixSocketFile(path).makeWay();
    }

    @Test
    void aSocketThatSomebodyListensOnIsLeftAlone() throws IOException {
        try (ServerSocketChannel listening = listen()) {
            assertThatThrownBy(() -> new UnixSocketFile(path).makeWay())
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("another server listens");
            assertThat(listening.isOpen()).isTrue();
            assertThat(exists()).isTrue();
        }
    }

    @Test
    void whatIsNoSocketIsLeftAlone() throws IOException {
        Files.writeString(path, "precious");
        assertThatThrownBy(() -> new UnixSocketFile(path).makeWay()).isInstanceOf(FileSystemException.class);
        assertThat(path).hasContent("precious");
        Files.delete(path);
        Files.createSymbolicLink(path, folder.resolve("nowhere"));
        assertThatThrownBy(() -> new UnixSocketFile(path).makeWay()).isInstanceOf(FileSystemException.class);
        assertThat(exists()).isTrue();
        Files.delete(path);
        Files.createDirectory(path);
        assertThatThrownBy(() -> new UnixSocketFile(path).makeWay()).isInstanceOf(FileSystemException.class);
    }

    @Test
    void aPathThatNoSocketMayHaveIsRefused() {
        Path longPath = folder.resolve("n".repeat(108 - folder.toString().length() - 1));
        assertThat(longPath.toString()).hasSize(108);
        assertThatThrownBy(() -> new UnixSocketFile(longPath).makeWay())
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("107");
    }

    @Test
    void theFileGetsItsModeAndIsRemovedUnlessItIsSomebodyElsesByThen() throws IOException {
        UnixSocketFile file = new UnixSocketFile(path);
        try (ServerSocketChannel first = listen(file.bindPath())) {
            file.bound(MODE);
            assertThat(Files.getPosixFilePermissions(path)).isEqualTo(MODE);
            Files.delete(path);
            file.remove(); // gone already
            try (ServerSocketChannel second = listen()) {
                file.remove();
                assertThat(exists()).isTrue();
                assertThat(first.isOpen() && second.isOpen()).isTrue();
            }
        }
    }

    @Test
    void nobodyCanConnectBeforeTheModeIsSet() throws IOException {
        UnixSocketFile file = new UnixSocketFile(path);
        try (ServerSocketChannel listening = listen(file.bindPath())) {
            assertThat(exists()).isFalse();
            file.bound(MODE);
            assertThat(exists()).isTrue();
            assertThat(Files.exists(file.bindPath())).isFalse();
            assertThat(listening.isOpen()).isTrue();
        }
    }

    @Test
    void aFileThatWasNeverBoundIsNotRemoved() throws IOException {
        Files.writeString(path, "precious");
        new UnixSocketFile(path).remove();
        assertThat(exists()).isTrue();
    }

    // ---- in a server

    private static NbdServer server() {
        MemoryBlockDevice device = new MemoryBlockDevice(4096);
        Export export = new Export(TestServer.EXPORT, "", device, Export.Reach.CLEAR_OR_TLS);
        return new NbdServer(
                new FixedExports(List.of(export)),
                TlsMode.OFF,
                () -> {
                    throw new IllegalStateException("TLS is off");
                },
                new Limits().build());
    }

    private void requireService() throws IOException {
        try (WireClient client = WireClient.negotiating(UnixDomainSocketAddress.of(path))) {
            client.go("");
            client.requireService();
        }
    }

    @Test
    void aServerTakesThePlaceOfADeadOneAndLeavesNothing() throws IOException {
        listen().close();
        try (NbdServer server = server()) {
            server.listen(path, MODE);
            assertThat(Files.getPosixFilePermissions(path)).isEqualTo(MODE);
            requireService();
        }
        assertThat(exists()).isFalse();
    }

    @Test
    void aServerDoesNotTakeThePlaceOfALivingOne() throws IOException {
        try (NbdServer first = server()) {
            first.listen(path, MODE);
            try (NbdServer second = server()) {
                assertThatThrownBy(() -> second.listen(path, MODE)).isInstanceOf(FileSystemException.class);
            }
            requireService();
        }
    }

    @Test
    void aServerThatClosesDoesNotRemoveTheSocketThatHasTakenItsPlace() throws IOException {
        // Deliberate bug: Netty's own habit of removing the path of a socket that it closes.
        try (NbdServer second = server()) {
            try (NbdServer first = server()) {
                first.listen(path, MODE);
                Files.delete(path);
                second.listen(path, MODE);
            }
            requireService();
        }
    }
}
