package io.qedstore.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deliberate bugs that turn it red: the context is never made anew; a broken file is taken for the new state for good. */
class ReloadingTlsTest {
    private static final TestCertificates ONE = TestCertificates.server();
    private static final TestCertificates TWO = TestCertificates.other();

    @TempDir
    private Path folder = Path.of("");

    private TlsFiles files = TlsFiles.inFolder(Path.of(""), false);

    @BeforeEach
    void writeFiles() throws IOException {
        files = ONE.writeTo(folder);
    }

    /** Puts a file in another's place, as tools that renew certificates do. */
    private static void replace(Path file, byte[] content) throws IOException {
        Path next = file.resolveSibling("next");
        Files.write(next, content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The certificate that a client is shown. */
    private static byte[] shownBy(SslContext context, String... protocols) throws Exception {
        SSLEngine server = context.newEngine(UnpooledByteBufAllocator.DEFAULT);
        SSLEngine client = TestCertificates.trustingClient().createSSLEngine();
        client.setUseClientMode(true);
        if (protocols.length > 0) {
            client.setEnabledProtocols(protocols);
        }
        ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
        ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
        client.beginHandshake();
        server.beginHandshake();
        for (int i = 0; i < 100 && client.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING; i++) {
            step(client, toClient, toServer);
            step(server, toServer, toClient);
        }
        return client.getSession().getPeerCertificates()[0].getEncoded();
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            engine.wrap(ByteBuffer.allocate(0), out);
        } else {
            in.flip();
            engine.unwrap(in, ByteBuffer.allocate(1 << 16));
            in.compact();
        }
    }

    @Test
    void theContextStaysWhileTheFilesDo() throws Exception {
        ReloadingTls tls = new ReloadingTls(files);
        SslContext first = tls.get();
        assertThat(tls.get()).isSameAs(first);
        assertThat(shownBy(first)).isEqualTo(ONE.certificate().getEncoded());
    }

    @Test
    void newFilesAreServedFromTheNextConnectionOn() throws Exception {
        ReloadingTls tls = new ReloadingTls(files);
        replace(files.certificate(), TWO.certificatePem());
        replace(files.key(), TWO.keyPem());
        assertThat(shownBy(tls.get())).isEqualTo(TWO.certificate().getEncoded());
    }

    @Test
    void filesThatCannotBeUsedLeaveTheLastGoodOnesInForceUntilTheyCan() throws Exception {
        ReloadingTls tls = new ReloadingTls(files);
        SslContext good = tls.get();
        for (byte[] broken : List.of(
                new byte[0],
                "rubbish".getBytes(StandardCharsets.UTF_8),
                Arrays.copyOf(TWO.certificatePem(), 200),
                TWO.keyPem())) {
            replace(files.certificate(), broken);
            assertThat(tls.get()).isSameAs(good);
            assertThat(tls.get()).isSameAs(good);
        }
        Files.delete(files.certificate());
        assertThat(tls.get()).isSameAs(good);
        replace(files.certificate(), TWO.certificatePem());
        tls.get(); // while only half of the pair is new
        replace(files.key(), TWO.keyPem());
        assertThat(shownBy(tls.get())).isEqualTo(TWO.certificate().getEncoded());
    }

    @Test
    void aCertificateWithoutItsKeyIsNotTaken() throws Exception {
        ReloadingTls tls = new ReloadingTls(files);
        replace(files.certificate(), TWO.certificatePem()); // the key is the old one's
        assertThat(shownBy(tls.get())).isEqualTo(ONE.certificate().getEncoded());
    }

    @Test
    void filesThatCannotBeUsedAtFirstAreNamed() throws IOException {
        Files.delete(files.key());
        assertThatThrownBy(() -> new ReloadingTls(files))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("server-key.pem");
        Files.writeString(files.key(), "rubbish");
        assertThatThrownBy(() -> new ReloadingTls(files))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("server-key.pem");
        TlsFiles withAuthority =
                new TlsFiles(files.certificate(), files.key(), Optional.of(folder.resolve("ca-cert.pem")));
        assertThatThrownBy(() -> new ReloadingTls(withAuthority)).isInstanceOf(IOException.class);
    }

    @Test
    void tls12And13AreSpokenAndNothingOlder() throws Exception {
        SslContext context = new ReloadingTls(files).get();
        assertThat(shownBy(context, "TLSv1.2")).isNotEmpty();
        assertThat(shownBy(context, "TLSv1.3")).isNotEmpty();
        assertThat(context.newEngine(UnpooledByteBufAllocator.DEFAULT).getEnabledProtocols())
                .containsExactlyInAnyOrder("TLSv1.3", "TLSv1.2");
    }
}
