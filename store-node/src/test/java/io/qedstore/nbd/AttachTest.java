package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Gate;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.nbd.WireClient.OptionReply;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.OptionReplyType;
import io.qedstore.security.ReloadingTls;
import io.qedstore.security.TestCertificates;
import io.qedstore.security.TlsFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in to write, and when they count as gone. Clients come from several addresses of this machine. */
class AttachTest {
    private static final String ONE = "127.0.0.1";
    private static final String OTHER = "127.0.0.2";
    private static final byte[] OLD = Bytes.pattern(4096, 1);

    private final MemoryBlockDevice device = new MemoryBlockDevice(8 << 20);
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Attachments attachments = new Attachments(
            Attachments.Mode.EXCLUSIVE,
            new AttachmentListener() {
                @Override
                public void firstCame(NbdClient client) {
                    heard.add("first");
                }

                @Override
                public void lastGone() {
                    heard.add("last");
                }
            },
            Clock.systemUTC());
    private final Export export = new Export(TestServer.EXPORT, "", device, Export.Reach.CLEAR_OR_TLS, attachments);

    private TestServer server = start(export);
    private SocketAddress address = server.address();

    private static TestServer start(Export export) {
        return new TestServer(
                (MemoryBlockDevice) export.device(),
                new Limits().build(),
                new FixedExports(List.of(export)),
                TlsMode.OFF,
                () -> {
                    throw new IllegalStateException("TLS is off");
                });
    }

    @BeforeEach
    void listen() throws IOException {
        address = server.tcp();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private WireClient negotiating(String host) throws IOException {
        return server.track(WireClient.negotiatingFrom(host, address));
    }

    private WireClient client(String host) throws IOException {
        WireClient client = negotiating(host);
        client.go(TestServer.EXPORT);
        return client;
    }

    private static OptionReply refusal(WireClient client) throws IOException {
        List<OptionReply> answers = client.ask(NbdOption.GO.code(), WireClient.infoPayload(TestServer.EXPORT));
        assertThat(answers).extracting(OptionReply::type).containsExactly(OptionReplyType.ERR_POLICY.code());
        return answers.get(0);
    }

    private static String text(OptionReply reply) {
        return new String(reply.payload(), StandardCharsets.UTF_8);
    }

    // ---- who is let in

    /** Turns red when nobody is asked before requests may come. */
    @Test
    void aSecondClientIsToldWhoWritesAndMayGoOnNegotiating() throws IOException {
        WireClient holder = client(ONE);
        WireClient second = negotiating(OTHER);
        assertThat(text(refusal(second)))
                .contains("'disk'")
                .contains(holder.localAddress().toString().substring(1))
                .contains(attachments.clients().get(0).since().toString())
                .contains("attach=shared")
                .contains("'disk@latest'");
        assertThat(second.info(NbdOption.INFO, TestServer.EXPORT).sizeBytes()).isEqualTo(8 << 20);
        refusal(second);
        holder.requireService();
        second.ask(NbdOption.ABORT, new byte[0], OptionReplyType.ACK);
        second.expectClose();
    }

    @Test
    void aSecondClientThatCannotBeToldIsHungUpOn() throws IOException {
        client(ONE).requireService();
        WireClient second = negotiating(OTHER);
        second.option(NbdOption.EXPORT_NAME.code(), TestServer.EXPORT.getBytes(StandardCharsets.UTF_8));
        second.expectClose();
    }

    @Test
    void severalConnectionsFromOneAddressAreOneClient() throws IOException {
        WireClient first = client(ONE);
        client(ONE).requireService();
        client(ONE).requireService();
        assertThat(attachments.clients())
                .extracting(AttachedClient::connections)
                .containsExactly(3);
        first.disconnect();
        first.expectClose();
        TestServer.eventually("two are left", () -> attachments.clients().get(0).connections() == 2);
        refusal(negotiating(OTHER));
        assertThat(heard).containsExactly("first");
    }

    @Test
    void whereSharingWasAskedForEverybodyIsLetIn() throws IOException {
        attachments.mode(Attachments.Mode.SHARED);
        client(ONE).requireService();
        client(OTHER).requireService();
        assertThat(attachments.clients()).hasSize(2);
    }

    @Test
    void whoeverOnlyAsksDoesNotAttach() throws IOException {
        WireClient curious = negotiating(ONE);
        curious.info(NbdOption.INFO, TestServer.EXPORT);
        curious.ask(NbdOption.LIST, new byte[0]);
        assertThat(attachments.clients()).isEmpty();
        client(OTHER).requireService();
    }

    /** Turns red when readers are asked whether they may write. */
    @Test
    void whoeverCannotWriteDoesNotAttach() throws IOException {
        device.readOnly();
        client(ONE).requireService();
        client(OTHER).requireService();
        assertThat(attachments.clients()).isEmpty();
        assertThat(heard).isEmpty();
    }

    @Test
    void aClientOnAUnixSocketIsItsProcess() throws IOException {
        WireClient local = server.client();
        server.client().requireService();
        assertThat(attachments.clients()).hasSize(1);
        String name = attachments.clients().get(0).name();
        if (Transport.best() == Transport.EPOLL) {
            assertThat(name).contains("process " + ProcessHandle.current().pid() + " of user");
        }
        assertThat(text(refusal(negotiating(ONE)))).contains(name);
        local.requireService();
    }

    @Test
    void aCertificateThatNamesNobodyIsKnownByItsFingerprint() {
        NbdClient client = PeerIdentity.of(new Certificate("test") {
            @Override
            public byte[] getEncoded() {
                return new byte[] {1, 2, 3};
            }

            @Override
            public void verify(java.security.PublicKey key) {}

            @Override
            public void verify(java.security.PublicKey key, String provider) {}

            @Override
            public String toString() {
                return "a test's";
            }

            @Override
            public java.security.PublicKey getPublicKey() {
                throw new UnsupportedOperationException();
            }
        });
        assertThat(client.name()).isEqualTo("sha256:039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
        assertThat(client.identity()).isEqualTo("certificate " + client.name());
    }

    /** Turns red when clients that have shown certificates are told apart by their addresses. */
    @Test
    void aClientWithACertificateIsItsSubjectFromWhereverItComes(@TempDir Path folder) throws IOException {
        TlsFiles own = TestCertificates.server().writeTo(folder);
        Path authorities = folder.resolve("ca.pem");
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(TestCertificates.server().certificatePem());
        both.writeBytes(TestCertificates.other().certificatePem());
        Files.write(authorities, both.toByteArray());
        ReloadingTls tls = new ReloadingTls(new TlsFiles(own.certificate(), own.key(), Optional.of(authorities)));
        server.close();
        server = new TestServer(device, new Limits().build(), new FixedExports(List.of(export)), TlsMode.REQUIRED, tls);
        address = server.tcp();
        encrypted(ONE, TestCertificates.other()).go(TestServer.EXPORT);
        encrypted(OTHER, TestCertificates.other()).go(TestServer.EXPORT);
        assertThat(attachments.clients()).extracting(AttachedClient::name).containsExactly("CN=other");
        assertThat(text(refusal(encrypted(ONE, TestCertificates.server())))).contains("CN=other");
    }

    private WireClient encrypted(String host, TestCertificates certificate) throws IOException {
        WireClient client = negotiating(host);
        client.ask(NbdOption.STARTTLS, new byte[0], OptionReplyType.ACK);
        client.startTls(certificate.identifiedClient());
        return client;
    }

    // ---- when they are gone

    /** Turns red when a newcomer is refused at once. */
    @Test
    void theNextClientIsLetInAlthoughTheOneBeforeHasJustSaidGoodbyeAndHasNotGone() throws Exception {
        device.refuseNow(true);
        Gate writes = device.hold(Kind.WRITE);
        WireClient leaving = client(ONE);
        leaving.requestWrite(0, 0, OLD);
        writes.awaitArrivals(1);
        leaving.disconnect();
        WireClient next = negotiating(OTHER);
        next.option(NbdOption.GO.code(), WireClient.infoPayload(TestServer.EXPORT));
        TestServer.pause(50);
        writes.open();
        WireClient.exportInfo(next.answers(NbdOption.GO.code()));
        next.requireService();
    }

    /** Turns red when who has gone is never counted as gone. */
    @Test
    void theNextClientIsLetInAsSoonAsTheOneBeforeHasGone() throws IOException {
        for (int i = 0; i < 50; i++) {
            WireClient client = client(i % 2 == 0 ? ONE : OTHER);
            client.write(0, OLD);
            if (i % 3 == 0) {
                client.disconnect();
            }
            client.close();
        }
        TestServer.eventually("all have gone", () -> attachments.clients().isEmpty());
        assertThat(heard).hasSize(100);
    }

    /** Turns red when a client counts as gone while something of it may still take effect. */
    @Test
    void aClientIsThereUntilTheLastOfItsChangesIsDone() throws Exception {
        device.refuseNow(true);
        Gate writes = device.hold(Kind.WRITE);
        WireClient old = client(ONE);
        old.requestWrite(0, 0, OLD);
        writes.awaitArrivals(1);
        old.close();
        TestServer.eventually("the server noticed", () -> server.server().connections() == 0);
        assertThat(attachments.clients()).hasSize(1);
        assertThat(heard).containsExactly("first");
        CompletableFuture<Boolean> next = CompletableFuture.supplyAsync(() -> {
            try {
                client(OTHER).requireService();
                return true;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        writes.open();
        assertThat(next.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(heard).containsExactly("first", "last", "first");
    }

    @Test
    void aClientWhoseOldConnectionHangsIsLetInAgain() throws Exception {
        device.refuseNow(true);
        Gate writes = device.hold(call -> call.kind() == Kind.WRITE && call.offset() == 0);
        WireClient hanging = client(ONE);
        hanging.requestWrite(0, 0, OLD);
        writes.awaitArrivals(1);
        client(ONE).write(4096, OLD);
        writes.open();
    }

    // ---- the end of an export

    /** Turns red when a client learns of the end by its next request, or connections that come late are kept. */
    @Test
    void whenAnExportEndsItsConnectionsAreClosedAndThoseToCome() throws IOException {
        WireClient idle = client(ONE);
        WireClient second = client(ONE);
        export.end();
        idle.expectClose();
        second.expectClose();
        client(ONE).expectClose();
        TestServer.eventually("nobody is there", () -> attachments.clients().isEmpty());
    }

    @Test
    void whatIsUnderWayWhenAnExportEndsIsAnsweredFirst() throws Exception {
        Gate flushes = device.hold(Kind.FLUSH);
        WireClient client = client(ONE);
        long flush = client.request(NbdCommand.FLUSH, 0, 0, 0);
        flushes.awaitArrivals(1);
        export.end();
        flushes.open();
        assertThat(client.replyTo(flush).error()).isZero();
        client.expectClose();
    }

    /** Turns red when a request that never ends keeps the connection of an export that has. */
    @Test
    void whatHangsWhenAnExportEndsIsNotWaitedForLong() throws Exception {
        Gate flushes = device.hold(Kind.FLUSH);
        WireClient client = client(ONE);
        client.request(NbdCommand.FLUSH, 0, 0, 0);
        flushes.awaitArrivals(1);
        export.end();
        client.expectClose();
        flushes.open();
    }
}
