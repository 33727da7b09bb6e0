package io.qedstore.nbd;

import static io.qedstore.nbd.TestServer.EXPORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.WireClient.OptionReply;
import io.qedstore.nbd.wire.HandshakeFlags;
import io.qedstore.nbd.wire.Magic;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.OptionReplyType;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes that nobody should send, and the ends of those that do not come to one. */
class MalformedHandshakeTest {
    private static final byte[] NOTHING = new byte[0];

    private final MemoryBlockDevice device = new MemoryBlockDevice(1 << 20);

    @AutoClose
    private final TestServer server =
            TestServer.start(device, new Limits().options(20).handshakeDeadlineMs(1500));

    private WireClient withFlags(int flags) throws IOException {
        WireClient client = server.connected();
        client.greeting();
        client.clientFlags(flags);
        return client;
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 7, 0x8000_0003, -1, 0x0001_0000})
    void unknownClientFlagsEndTheConnection(int flags) throws IOException {
        withFlags(flags).expectClose();
        server.requireService();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Magic.NBDMAGIC, Magic.OPTION_REPLY, Magic.IHAVEOPT + 1})
    void anOptionWithoutItsMagicNumberEndsTheConnection(long magic) throws IOException {
        WireClient client = server.negotiating();
        client.send(new Bytes().u64(magic).u32(NbdOption.LIST.code()).u32(0).array());
        client.expectClose();
        server.requireService();
    }

    @ParameterizedTest
    @ValueSource(longs = {(1 << 20) + 1, 32 << 20, 0x7fff_ffff, 0xffff_ffffL})
    void anOptionThatIsFarTooLongEndsTheConnectionBeforeItHasCome(long length) throws IOException {
        WireClient client = server.negotiating();
        client.send(new Bytes()
                .u64(Magic.IHAVEOPT)
                .u32(NbdOption.LIST.code())
                .u32(length)
                .array());
        client.expectClose();
        server.requireService();
    }

    @ParameterizedTest
    @CsvSource({"INFO, 70000", "GO, 1048576", "LIST_META_CONTEXT, 100000", "LIST, 69700", "STRUCTURED_REPLY, 999999"})
    void anOptionThatIsTooLongIsEatenAndRefused(NbdOption option, int bytes) throws IOException {
        WireClient client = server.negotiating();
        List<OptionReply> answers = client.ask(option, new byte[bytes]);
        assertThat(answers).hasSize(1);
        assertThat(answers.get(0).type()).isIn(OptionReplyType.ERR_TOO_BIG.code(), OptionReplyType.ERR_INVALID.code());
        client.go(EXPORT);
        client.requireService();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 70_000})
    void tooManyOptionsEndTheConnection(int bytes) throws IOException {
        // Deliberate bug: options that are too long are not counted.
        WireClient client = server.negotiating();
        for (int i = 0; i < 20; i++) {
            client.ask(99, new byte[bytes]);
        }
        client.option(99, new byte[bytes]);
        client.expectClose();
        server.requireService();
    }

    @Test
    void asManyOptionsAsAreAllowedAreAnswered() throws IOException {
        WireClient client = server.negotiating();
        for (int i = 0; i < 19; i++) {
            client.ask(99, NOTHING);
        }
        client.go(EXPORT);
        client.requireService();
    }

    @Test
    void whoDoesNotComeToAnEndIsDroppedAtTheDeadline() throws IOException {
        // Deliberate bug: the deadline is not set.
        byte[] handshake = new Bytes()
                .u32(HandshakeFlags.ALL)
                .put(WireClient.optionBytes(99, new byte[100]))
                .array();
        List<WireClient> clients = new ArrayList<>();
        long start = System.nanoTime();
        for (int bytes : new int[] {0, 4, 9, 20, 25}) {
            WireClient client = server.connected();
            client.greeting();
            client.send(Arrays.copyOf(handshake, bytes));
            clients.add(client);
        }
        WireClient busy = server.negotiating();
        busy.ask(99, NOTHING);
        clients.add(busy);
        clients.forEach(WireClient::expectClose);
        assertThat(System.nanoTime() - start).isBetween(500_000_000L, 10_000_000_000L);
        server.requireService();
    }

    @Test
    void theDeadlineDoesNotHoldForTransmission() throws IOException {
        WireClient client = server.client();
        WireClient slow = server.negotiating();
        slow.expectClose(); // its deadline is later than the other's was
        client.requireService();
    }

    @ParameterizedTest
    @EnumSource(
            names = {"EXPORT_NAME"},
            mode = EnumSource.Mode.EXCLUDE)
    void aClientWithoutFixedNewstyleMaySendNothingButAnExportName(NbdOption option) throws IOException {
        WireClient client = withFlags(HandshakeFlags.NO_ZEROES);
        client.option(option.code(), NOTHING);
        client.expectClose();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 80_000})
    void aClientWithoutFixedNewstyleGetsNoAnswerToUnknownOptions(int bytes) throws IOException {
        // Deliberate bug: options that are too long are answered to anybody.
        WireClient client = withFlags(0);
        client.option(99, new byte[bytes]);
        client.expectClose();
    }

    @ParameterizedTest
    @EnumSource
    void aHandshakeMayComeByteByByte(ReplyForm form) throws IOException {
        device.fill(0, Bytes.pattern(4096, 7));
        WireClient client = server.connected();
        long cookie = client.cookie();
        Bytes all = new Bytes().u32(HandshakeFlags.ALL);
        int option = form == ReplyForm.EXTENDED ? NbdOption.EXTENDED_HEADERS.code() : NbdOption.STRUCTURED_REPLY.code();
        if (form != ReplyForm.SIMPLE) {
            all.put(WireClient.optionBytes(option, NOTHING));
        }
        all.put(WireClient.optionBytes(42, new byte[33]))
                .put(WireClient.optionBytes(NbdOption.GO.code(), WireClient.infoPayload(EXPORT, 3, 1, 2)))
                .put(WireClient.requestBytes(form, NbdCommand.READ.code(), 0, cookie, 0, 4096, NOTHING));
        for (byte one : all.array()) {
            client.send(new byte[] {one});
        }
        client.greeting();
        if (form != ReplyForm.SIMPLE) {
            client.answers(option);
        }
        client.answers(42);
        client.answers(NbdOption.GO.code());
        client.assume(form);
        client.expect(cookie, NbdCommand.READ, 0, 4096);
        assertThat(client.replyTo(cookie).data()).isEqualTo(Bytes.pattern(4096, 7));
    }

    @Test
    void optionsThatComeAllAtOnceAreAnsweredInOrder() throws IOException {
        WireClient client = server.negotiating();
        Bytes all = new Bytes();
        for (int code = 100; code < 115; code++) {
            all.put(WireClient.optionBytes(code, new byte[code]));
        }
        client.send(all.array());
        for (int code = 100; code < 115; code++) {
            client.answers(code);
        }
        client.go(EXPORT);
        client.requireService();
    }

    @Test
    void aClientThatHangsUpAnywhereInItsHandshakeDoesNoHarm() throws IOException {
        byte[] handshake = new Bytes()
                .u32(HandshakeFlags.ALL)
                .put(WireClient.optionBytes(NbdOption.STRUCTURED_REPLY.code(), NOTHING))
                .put(WireClient.optionBytes(
                        NbdOption.SET_META_CONTEXT.code(), WireClient.contextPayload(EXPORT, "base:allocation")))
                .put(WireClient.optionBytes(NbdOption.GO.code(), WireClient.infoPayload(EXPORT, 3)))
                .array();
        for (int cut = 0; cut <= handshake.length; cut++) {
            try (WireClient client = WireClient.connect(server.address())) {
                client.trySend(Arrays.copyOf(handshake, cut));
            }
        }
        TestServer.eventually("all are gone", () -> server.server().connections() == 0);
        server.requireService();
    }

    @Test
    void whatFollowsAnOptionThatEndsTheConnectionIsNotCarriedOut() throws IOException {
        WireClient client = server.negotiating();
        client.send(new Bytes()
                .put(WireClient.optionBytes(NbdOption.ABORT.code(), NOTHING))
                .put(WireClient.optionBytes(NbdOption.GO.code(), WireClient.infoPayload(EXPORT)))
                .put(client.requestBytes(NbdCommand.WRITE.code(), 0, 1, 0, 8, new byte[8]))
                .array());
        client.answers(NbdOption.ABORT.code());
        client.expectClose();
        assertThat(device.calls()).isEmpty();
    }
}
