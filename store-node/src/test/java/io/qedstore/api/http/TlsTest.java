package io.qedstore.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.security.PeerToken;
import io.qedstore.security.TestCertificates;
import io.qedstore.security.TlsFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TlsTest {
    private final Path folder;
    private final InMemoryNodeService node = new InMemoryNodeService("n1");

    TlsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private TlsFiles files(boolean clientsAuthenticate) throws IOException {
        TestCertificates.server().writeTo(folder);
        Files.write(folder.resolve("ca-cert.pem"), TestCertificates.server().certificatePem());
        return TlsFiles.inFolder(folder, clientsAuthenticate);
    }

    private static InetSocketAddress listen(ApiServer server) throws IOException {
        return server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static int get(SSLContext client, InetSocketAddress at) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + at.getPort() + "/v1/images"))
                .build();
        return HttpClient.newBuilder()
                .sslContext(client)
                .build()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void anyClientIsServedUnlessItHasToShowWhoItIs() throws Exception {
        try (ApiServer server = new ApiServer(node, ApiSettings.standard(Optional.of(files(false))))) {
            assertThat(get(TestCertificates.trustingClient(), listen(server))).isEqualTo(200);
        }
    }

    @Test
    void aClientNeedsACertificateOfTheAuthority() throws Exception {
        try (ApiServer server = new ApiServer(node, ApiSettings.standard(Optional.of(files(true))))) {
            InetSocketAddress at = listen(server);
            assertThat(get(TestCertificates.server().identifiedClient(), at)).isEqualTo(200);
            assertThatThrownBy(() -> get(TestCertificates.trustingClient(), at)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> get(TestCertificates.other().identifiedClient(), at))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void newCertificatesAreUsedByNewConnections() throws Exception {
        try (ApiServer server = new ApiServer(node, ApiSettings.standard(Optional.of(files(true))))) {
            InetSocketAddress at = listen(server);
            Files.write(folder.resolve("ca-cert.pem"), TestCertificates.other().certificatePem());
            assertThat(get(TestCertificates.other().identifiedClient(), at)).isEqualTo(200);
            Files.writeString(folder.resolve("ca-cert.pem"), "no certificate");
            assertThat(get(TestCertificates.other().identifiedClient(), at)).isEqualTo(200);
        }
    }

    @Test
    void nodesAskEachOtherOverTlsToo() throws Exception {
        ApiSettings settings = ApiSettings.standard(Optional.of(files(true)));
        InMemoryNodeService other = new InMemoryNodeService("n2");
        other.put(InMemoryNodeService.image("a", "n2"));
        node.put(InMemoryNodeService.image("a", "n2"));
        try (ApiServer server = new ApiServer(node, settings);
                ApiServer owner = new ApiServer(other, settings)) {
            InetSocketAddress at = listen(server);
            node.nodes.add(
                    ApiFixture.info("n2", "https://localhost:" + listen(owner).getPort(), false));
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://localhost:" + at.getPort() + "/v1/images/a"))
                    .DELETE()
                    .build();
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .sslContext(TestCertificates.server().identifiedClient())
                    .build()
                    .send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.body()).contains("\"name\":\"a\"");
            assertThat(other.trash).containsKey("a");
        }
    }

    @Test
    void aNodeMayTakeLongerForAnAnswerThanAConnectionMayBeIdle() throws Exception {
        ApiLimits impatient = new ApiLimits(
                1 << 20,
                4096,
                32,
                4,
                1,
                Duration.ofSeconds(20),
                1,
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5));
        CountDownLatch never = new CountDownLatch(1);
        node.trouble = name -> never.await(2, TimeUnit.SECONDS);
        try (ApiServer server = new ApiServer(
                node,
                new ApiSettings(
                        Optional.of(files(true)),
                        Optional.empty(),
                        PeerToken.NONE,
                        impatient,
                        PeerTimeouts.standard(),
                        Duration.ofSeconds(10)))) {
            assertThat(get(TestCertificates.server().identifiedClient(), listen(server)))
                    .isEqualTo(200);
        }
    }

    @Test
    void filesThatCannotBeUsedAreNamed() throws IOException {
        TlsFiles files = files(true);
        Files.writeString(files.key(), "no key");
        assertThatThrownBy(() -> new ApiServer(node, ApiSettings.standard(Optional.of(files))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("server-key.pem")
                .hasMessageContaining("PKCS#8");
    }
}
