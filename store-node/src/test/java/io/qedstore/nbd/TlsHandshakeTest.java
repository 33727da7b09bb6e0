package io.qedstore.nbd;

import static io.qedstore.nbd.wire.OptionReplyType.ACK;
import static io.qedstore.nbd.wire.OptionReplyType.ERR_INVALID;
import static io.qedstore.nbd.wire.OptionReplyType.ERR_TLS_REQD;
import static io.qedstore.nbd.wire.OptionReplyType.ERR_UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.WireClient.OptionReply;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.OptionReplyType;
import io.qedstore.nbd.wire.ReplyForm;
import io.qedstore.nbd.wire.TransmissionFlags;
import io.qedstore.security.ReloadingTls;
import io.qedstore.security.TestCertificates;
import io.qedstore.security.TlsFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What STARTTLS does, and what may be asked before it. */
class TlsHandshakeTest {
    private static final byte[] NOTHING = new byte[0];
    private static final String OPEN = "open";
    private static final String SECRET = "secret";

    private final MemoryBlockDevice device = new MemoryBlockDevice(8 << 20);
    private final Exports exports = new FixedExports(List.of(
            new Export(OPEN, "", device, Export.Reach.CLEAR_OR_TLS),
            new Export(SECRET, "for few", device, Export.Reach.TLS_ONLY)));

    @TempDir
    private Path folder = Path.of("");

    @AutoClose
    private final Servers servers = new Servers();

    /** Those that a test has started. */
    private static final class Servers implements AutoCloseable {
        private Optional<TestServer> server = Optional.empty();

        @Override
        public void close() throws IOException {
            if (server.isPresent()) {
                server.get().close();
            }
        }
    }

    private TestServer start(TlsMode mode) throws IOException {
        return start(mode, new ReloadingTls(TestCertificates.server().writeTo(folder)));
    }

    private TestServer start(TlsMode mode, Supplier<SslContext> tls) {
        TestServer server =
                new TestServer(device, new Limits().handshakeDeadlineMs(2000).build(), exports, mode, tls);
        servers.server = Optional.of(server);
        return server;
    }

    private static WireClient negotiating(TestServer server) throws IOException {
        return server.track(WireClient.negotiating(server.tcp()));
    }

    private static WireClient encrypted(TestServer server) throws IOException {
        WireClient client = negotiating(server);
        client.ask(NbdOption.STARTTLS, NOTHING, ACK);
        client.startTls(TestCertificates.trustingClient());
        return client;
    }

    // ---- before TLS

    @Test
    void whereTlsIsRequiredEverythingButStarttlsAndAbortNeedsIt() throws IOException {
        WireClient client = negotiating(start(TlsMode.REQUIRED));
        for (NbdOption option : NbdOption.values()) {
            if (option != NbdOption.STARTTLS && option != NbdOption.ABORT && option != NbdOption.EXPORT_NAME) {
                client.ask(option, WireClient.infoPayload(OPEN), ERR_TLS_REQD);
                client.ask(option, new byte[70_000], ERR_TLS_REQD);
            }
        }
        assertThat(client.ask(77, NOTHING)).extracting(OptionReply::type).containsExactly(ERR_TLS_REQD.code());
        client.ask(NbdOption.ABORT, NOTHING, ACK);
        client.expectClose();
    }

    @Test
    void whereTlsIsRequiredAnExportNameBeforeItEndsTheConnection() throws IOException {
        WireClient client = negotiating(start(TlsMode.REQUIRED));
        client.option(NbdOption.EXPORT_NAME.code(), OPEN.getBytes(StandardCharsets.UTF_8));
        client.expectClose();
    }

    @Test
    void starttlsWithDataIsInvalid() throws IOException {
        WireClient client = negotiating(start(TlsMode.REQUIRED));
        client.ask(NbdOption.STARTTLS, new byte[1], ERR_INVALID);
        client.ask(NbdOption.STARTTLS, NOTHING, ACK);
        client.startTls(TestCertificates.trustingClient());
        client.go(OPEN);
        client.requireService();
    }

    @Test
    void whereTlsIsAllowedClearClientsAreServedAndSecretExportsHidden() throws IOException {
        TestServer server = start(TlsMode.ALLOWED);
        WireClient client = negotiating(server);
        List<OptionReply> list = client.ask(NbdOption.LIST, NOTHING);
        assertThat(list).hasSize(2);
        assertThat(list.get(0).payload()).isEqualTo(new Bytes().sized(OPEN).array());
        client.ask(NbdOption.INFO, WireClient.infoPayload(SECRET), ERR_TLS_REQD);
        client.ask(NbdOption.GO, WireClient.infoPayload(SECRET), ERR_TLS_REQD);
        client.go(OPEN);
        client.requireService();
        WireClient old = negotiating(server);
        old.option(NbdOption.EXPORT_NAME.code(), SECRET.getBytes(StandardCharsets.UTF_8));
        old.expectClose();
    }

    @Test
    void aClientWithoutFixedNewstyleCannotStartTls() throws IOException {
        TestServer server = start(TlsMode.ALLOWED);
        WireClient client = server.connected();
        client.greeting();
        client.clientFlags(0);
        client.option(NbdOption.STARTTLS.code(), NOTHING);
        client.expectClose();
    }

    // ---- in TLS

    @ParameterizedTest
    @EnumSource(names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void afterTlsAllExportsAreThereAndServedInEveryForm(TlsMode mode) throws IOException {
        TestServer server = start(mode);
        byte[] content = Bytes.pattern(3 << 20, 5);
        for (ReplyForm form : ReplyForm.values()) {
            WireClient client = encrypted(server);
            assertThat(client.ask(NbdOption.LIST, NOTHING)).hasSize(3);
            client.ask(NbdOption.STARTTLS, NOTHING, ERR_INVALID);
            client.ask(NbdOption.INFO, WireClient.infoPayload("nobody"), ERR_UNKNOWN);
            client.form(form).go(SECRET);
            client.write(1, content);
            assertThat(client.read(1, content.length)).isEqualTo(content);
            client.flush();
            client.disconnect();
            client.expectClose(); // in order: TLS would complain if the server just vanished
        }
    }

    @Test
    void whatWasAgreedBeforeTlsIsForgotten() throws IOException {
        WireClient client = negotiating(start(TlsMode.ALLOWED)).form(ReplyForm.STRUCTURED);
        client.setContexts(OPEN, "base:allocation");
        client.ask(NbdOption.EXTENDED_HEADERS, NOTHING, ACK);
        client.ask(NbdOption.STARTTLS, NOTHING, ACK);
        client.startTls(TestCertificates.trustingClient());
        client.ask(NbdOption.SET_META_CONTEXT, WireClient.contextPayload(OPEN, "base:allocation"), ERR_INVALID);
        client.assume(ReplyForm.SIMPLE);
        int flags = client.go(OPEN).flags();
        assertThat(flags & (TransmissionFlags.SEND_DF | TransmissionFlags.BLOCK_STATUS_PAYLOAD))
                .isZero();
        client.requireService();
    }

    @Test
    void contextsSelectedBeforeTlsDoNotCountAfterIt() throws IOException {
        WireClient client = negotiating(start(TlsMode.ALLOWED)).form(ReplyForm.STRUCTURED);
        client.setContexts(OPEN, "base:allocation");
        client.ask(NbdOption.STARTTLS, NOTHING, ACK);
        client.startTls(TestCertificates.trustingClient());
        client.form(ReplyForm.STRUCTURED).go(OPEN);
        assertThat(client.call(NbdCommand.BLOCK_STATUS, 0, 0, 512).error()).isEqualTo(NbdErrno.EINVAL.code());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void optionsInClearBehindStarttlsAreNotTakenIntoTheEncryptedPart(boolean sameSegment) throws IOException {
        // Deliberate bug: what the decoder had gathered stays there when TLS is put in front of it.
        TestServer server = start(TlsMode.REQUIRED);
        WireClient client = negotiating(server);
        byte[] smuggled = new Bytes()
                .put(WireClient.optionBytes(NbdOption.GO.code(), WireClient.infoPayload(OPEN)))
                .put(client.requestBytes(NbdCommand.WRITE.code(), 0, 1, 0, 512, new byte[512]))
                .array();
        byte[] startTls = WireClient.optionBytes(NbdOption.STARTTLS.code(), NOTHING);
        if (sameSegment) {
            client.send(new Bytes().put(startTls).put(smuggled).array());
        } else {
            client.send(startTls);
            client.trySend(smuggled);
        }
        assertThat(client.optionReply().type()).isEqualTo(ACK.code());
        byte[] rest = client.readToEnd();
        assertThat(rest.length == 0 || rest[0] == 0x15)
                .as("nothing but a TLS alert follows")
                .isTrue();
        assertThat(device.calls()).isEmpty();
    }

    @Test
    void aTlsHandshakeOfGarbageEndsTheConnectionAndNoOther() throws IOException {
        TestServer server = start(TlsMode.REQUIRED);
        WireClient good = encrypted(server);
        good.go(SECRET);
        Random random = new Random(11);
        for (int i = 0; i < 20; i++) {
            WireClient client = negotiating(server);
            client.ask(NbdOption.STARTTLS, NOTHING, ACK);
            byte[] garbage = new byte[1 + random.nextInt(2000)];
            random.nextBytes(garbage);
            if (i % 2 == 0) {
                garbage[0] = 0x16; // looks like a TLS record
            }
            client.trySend(garbage);
            client.close();
        }
        good.requireService();
        encrypted(server).go(SECRET);
    }

    @Test
    void aTlsHandshakeThatDoesNotComeIsGivenUpAtTheDeadline() throws IOException {
        WireClient client = negotiating(start(TlsMode.REQUIRED));
        client.ask(NbdOption.STARTTLS, NOTHING, ACK);
        client.readToEnd();
    }

    @Test
    void aContextThatCannotBeHadEndsOnlyThisConnection() throws IOException {
        TestServer server = start(TlsMode.ALLOWED, () -> {
            throw new IllegalStateException("no certificates");
        });
        WireClient client = negotiating(server);
        client.ask(NbdOption.STARTTLS, NOTHING);
        client.expectClose();
        WireClient clear = negotiating(server);
        clear.go(OPEN);
        clear.requireService();
    }

    @Test
    void clientsNeedACertificateWhereAnAuthorityIsNamed() throws IOException {
        TlsFiles own = TestCertificates.server().writeTo(folder);
        Path authority = folder.resolve("ca-cert.pem");
        Files.write(authority, TestCertificates.other().certificatePem());
        TestServer server = start(
                TlsMode.REQUIRED, new ReloadingTls(new TlsFiles(own.certificate(), own.key(), Optional.of(authority))));
        WireClient known = negotiating(server);
        known.ask(NbdOption.STARTTLS, NOTHING, ACK);
        known.startTls(TestCertificates.other().identifiedClient());
        known.go(SECRET);
        known.requireService();
        WireClient unknown = negotiating(server);
        unknown.ask(NbdOption.STARTTLS, NOTHING, ACK);
        assertThatThrownBy(() -> {
                    unknown.startTls(TestCertificates.trustingClient());
                    unknown.go(SECRET); // TLS 1.3 brings the refusal only with the first answer
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void theReplyTypeForPolicyIsNotUsedWhereTlsIsOn() throws IOException {
        WireClient client = encrypted(start(TlsMode.REQUIRED));
        for (NbdOption option : List.of(NbdOption.LIST, NbdOption.INFO, NbdOption.LIST_META_CONTEXT)) {
            List<OptionReply> answers = client.ask(option, NOTHING);
            assertThat(answers)
                    .extracting(OptionReply::type)
                    .doesNotContain(ERR_TLS_REQD.code(), OptionReplyType.ERR_POLICY.code());
        }
    }
}
