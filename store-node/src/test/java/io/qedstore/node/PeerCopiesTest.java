package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.qedstore.event.Endpoint;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.security.PeerToken;
import io.qedstore.security.ReloadingJdkTls;
import io.qedstore.security.TestCertificates;
import io.qedstore.security.TlsFiles;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Other nodes that do not do what nodes do. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PeerCopiesTest {
    private static final NodeId PEER = new NodeId("peer");
    private static final ImageId IMAGE = ImageId.of(1, 1);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final byte[] FILE = {1, 2, 3, 4};

    private final InMemoryIndex index = new InMemoryIndex();
    private final Path folder;

    PeerCopiesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private void announce(String api) {
        index.write(
                List.of(new CatalogChange.NodeSet(new CatalogNode(
                        PEER, Set.of(NodeRole.values()), new Endpoint(api), new Endpoint("x:2"), 1, false, 1))),
                TestCatalog.position(1));
    }

    private InputStream asked(Optional<SSLContext> tls) throws IOException {
        return new PeerCopies(index, tls, PeerToken.NONE, SHORT).open(PEER, IMAGE, 0, 1 << 20);
    }

    /** How a node with its certificate asks others, which trusts one authority. */
    private SSLContext trusting(TestCertificates authority) throws IOException {
        Path own = Files.createDirectories(folder.resolve("own"));
        TlsFiles files = TestCertificates.server().writeTo(own);
        Files.write(own.resolve("ca-cert.pem"), authority.certificatePem());
        return new ReloadingJdkTls(files).client();
    }

    /** An API over TLS whose certificate is for localhost and nobody else. */
    private HttpsServer server() throws IOException {
        TlsFiles files = TestCertificates.server().writeTo(Files.createDirectories(folder.resolve("peer")));
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(new ReloadingJdkTls(files).get()));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, FILE.length);
            exchange.getResponseBody().write(FILE);
            exchange.close();
        });
        server.start();
        return server;
    }

    /** Deliberate bug: whoever has a certificate of the authority is any node. */
    @Test
    void aPeerWhoseCertificateIsForAnotherHostIsRefusedByName() throws IOException {
        HttpsServer server = server();
        try {
            SSLContext tls = trusting(TestCertificates.server());
            announce("https://localhost:" + server.getAddress().getPort());
            try (InputStream answer = asked(Optional.of(tls))) {
                assertThat(answer.readAllBytes()).isEqualTo(FILE);
            }
            announce("https://127.0.0.1:" + server.getAddress().getPort());
            assertThatThrownBy(() -> asked(Optional.of(tls)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1")
                    .hasMessageContaining("certificate")
                    .hasMessageContaining("ca-cert.pem");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aPeerWhoseCertificateNobodyVouchesForIsRefused() throws IOException {
        HttpsServer server = server();
        try {
            announce("https://localhost:" + server.getAddress().getPort());
            SSLContext tls = trusting(TestCertificates.other());
            assertThatThrownBy(() -> asked(Optional.of(tls)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("certificate")
                    .hasMessageContaining("ca-cert.pem");
        } finally {
            server.stop(0);
        }
    }

    /** Takes connections, says the beginning of something, and nothing more. */
    private static final class SilentPeer implements Closeable {
        private final ServerSocket listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final List<Socket> taken = new CopyOnWriteArrayList<>();

        SilentPeer(String beginning) throws IOException {
            Thread taker = new Thread(() -> take(beginning.getBytes(StandardCharsets.US_ASCII)), "a silent peer");
            taker.setDaemon(true);
            taker.start();
        }

        private void take(byte[] beginning) {
            try {
                while (true) {
                    Socket socket = listening.accept();
                    taken.add(socket);
                    OutputStream out = socket.getOutputStream();
                    out.write(beginning);
                    out.flush();
                }
            } catch (IOException e) {
                assertThat(listening.isClosed()).as("%s", e).isTrue();
            }
        }

        String authority() {
            return "localhost:" + listening.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listening.close();
            for (Socket socket : taken) {
                socket.close();
            }
        }
    }

    /** Deliberate bug: an answer is waited for as long as it takes. */
    @Test
    void aPeerThatTakesTheConnectionAndSaysNothingIsGivenUp() throws IOException {
        try (SilentPeer peer = new SilentPeer("")) {
            announce("http://" + peer.authority());
            assertThatThrownBy(() -> asked(Optional.empty()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(peer.authority())
                    .hasMessageContaining("nothing for 300 ms");
        }
    }

    @Test
    void aPeerThatNeverEndsTheHandshakeIsGivenUp() throws IOException {
        try (SilentPeer peer = new SilentPeer("")) {
            announce("https://" + peer.authority());
            SSLContext tls = trusting(TestCertificates.server());
            assertThatThrownBy(() -> asked(Optional.of(tls)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("nothing for 300 ms");
        }
    }

    @Test
    void aPeerThatStopsInTheMiddleOfItsFileIsGivenUp() throws IOException {
        try (SilentPeer peer = new SilentPeer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")) {
            announce("http://" + peer.authority());
            try (InputStream answer = asked(Optional.empty())) {
                assertThat(answer.readNBytes(3)).isEqualTo("abc".getBytes(StandardCharsets.US_ASCII));
                assertThatThrownBy(answer::read).isInstanceOf(IOException.class);
            }
        }
    }
}
