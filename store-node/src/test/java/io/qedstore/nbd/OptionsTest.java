package io.qedstore.nbd;

import static io.qedstore.nbd.TestServer.EXPORT;
import static io.qedstore.nbd.wire.OptionReplyType.ACK;
import static io.qedstore.nbd.wire.OptionReplyType.ERR_EXT_HEADER_REQD;
import static io.qedstore.nbd.wire.OptionReplyType.ERR_INVALID;
import static io.qedstore.nbd.wire.OptionReplyType.ERR_POLICY;
import static io.qedstore.nbd.wire.OptionReplyType.ERR_UNKNOWN;
import static io.qedstore.nbd.wire.OptionReplyType.ERR_UNSUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.DurabilityScope;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.WireClient.ExportInfo;
import io.qedstore.nbd.WireClient.OptionReply;
import io.qedstore.nbd.wire.HandshakeFlags;
import io.qedstore.nbd.wire.InfoType;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.OptionReplyType;
import io.qedstore.nbd.wire.ReplyForm;
import io.qedstore.nbd.wire.TransmissionFlags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every option of the handshake, and what it answers. */
class OptionsTest {
    private static final byte[] NOTHING = new byte[0];
    private static final long SIZE = 1 << 20;

    @AutoClose
    private final TestServer server = TestServer.start(new MemoryBlockDevice(SIZE));

    private final WireClient client = newClient();

    private WireClient newClient() {
        try {
            return server.negotiating();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Integer> types(List<OptionReply> answers) {
        return answers.stream().map(OptionReply::type).toList();
    }

    @Test
    void theGreetingOffersFixedNewstyleAndNoZeroesAndNothingElse() throws IOException {
        assertThat(server.connected().greeting()).isEqualTo(3);
    }

    // ---- EXPORT_NAME

    @ParameterizedTest
    @ValueSource(ints = {HandshakeFlags.ALL, HandshakeFlags.NO_ZEROES, HandshakeFlags.FIXED_NEWSTYLE, 0})
    void exportNameBringsSizeAndFlagsAndZeroesUnlessTheyAreDeclined(int flags) throws IOException {
        WireClient old = server.connected();
        old.greeting();
        old.clientFlags(flags);
        old.option(NbdOption.EXPORT_NAME.code(), EXPORT.getBytes(StandardCharsets.UTF_8));
        ByteBuffer reply = ByteBuffer.wrap(old.read(10));
        assertThat(reply.getLong()).isEqualTo(SIZE);
        assertThat(reply.getShort() & TransmissionFlags.HAS_FLAGS).isOne();
        if ((flags & HandshakeFlags.NO_ZEROES) == 0) {
            assertThat(old.read(124)).containsOnly(0);
        }
        old.requireService();
    }

    @Test
    void exportNameTakesTheEmptyNameForTheDefaultExport() throws IOException {
        client.option(NbdOption.EXPORT_NAME.code(), NOTHING);
        client.read(10);
        client.requireService();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "disk\0", "\u00ff"})
    void anExportNameThatDoesNotExistEndsTheConnection(String name) throws IOException {
        client.option(NbdOption.EXPORT_NAME.code(), name.getBytes(StandardCharsets.UTF_8));
        client.expectClose();
        server.requireService();
    }

    @ParameterizedTest
    @ValueSource(ints = {4097, 80_000})
    void anExportNameThatIsTooLongEndsTheConnectionWithoutAReply(int bytes) throws IOException {
        // Deliberate bug: an option of more than the usual length is answered before anybody looks which one it is.
        client.option(NbdOption.EXPORT_NAME.code(), new byte[bytes]);
        client.expectClose();
    }

    @Test
    void exportNameAfterStructuredRepliesServesThem() throws IOException {
        client.form(ReplyForm.STRUCTURED);
        client.option(NbdOption.EXPORT_NAME.code(), EXPORT.getBytes(StandardCharsets.UTF_8));
        ByteBuffer reply = ByteBuffer.wrap(client.read(10));
        assertThat(reply.getShort(8) & TransmissionFlags.SEND_DF).isNotZero();
        client.requireService();
    }

    @Test
    void exportNameAfterExtendedHeadersEndsTheConnection() throws IOException {
        client.form(ReplyForm.EXTENDED);
        client.option(NbdOption.EXPORT_NAME.code(), EXPORT.getBytes(StandardCharsets.UTF_8));
        client.expectClose();
    }

    // ---- ABORT, LIST, unknown

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 100_000})
    void abortIsAcknowledgedWhateverItCarriesAndEndsTheConnection(int bytes) throws IOException {
        client.option(NbdOption.ABORT.code(), new byte[bytes]);
        assertThat(types(client.answers(NbdOption.ABORT.code()))).containsExactly(ACK.code());
        client.expectClose();
    }

    @Test
    void aClientMayHangUpRightAfterAbort() throws IOException {
        client.option(NbdOption.ABORT.code(), NOTHING);
        client.close();
        server.requireService();
    }

    @Test
    void listNamesTheExportsWithTheirDescriptions() throws IOException {
        List<OptionReply> answers = client.ask(NbdOption.LIST, NOTHING);
        assertThat(types(answers)).containsExactly(OptionReplyType.SERVER.code(), ACK.code());
        assertThat(answers.get(0).payload())
                .isEqualTo(new Bytes().sized(EXPORT).text("a disk in memory").array());
    }

    @ParameterizedTest
    @EnumSource(names = {"LIST", "STARTTLS", "STRUCTURED_REPLY", "EXTENDED_HEADERS"})
    void optionsThatCarryNothingAreInvalidWithData(NbdOption option) throws IOException {
        client.ask(option, new byte[] {0}, ERR_INVALID);
        client.go(EXPORT);
        client.requireService();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 12, 99, -1})
    void anUnknownOptionIsUnsupportedWhateverItCarries(int code) throws IOException {
        for (int bytes : new int[] {0, 10, 68 << 10, 69 << 10, 1 << 20}) {
            client.option(code, new byte[bytes]);
            assertThat(types(client.answers(code))).containsExactly(ERR_UNSUP.code());
        }
        client.go(EXPORT);
        client.requireService();
    }

    @Test
    void starttlsWhereTlsIsOffIsAgainstThePolicy() throws IOException {
        client.ask(NbdOption.STARTTLS, NOTHING, ERR_POLICY);
        client.go(EXPORT);
        client.requireService();
    }

    // ---- INFO and GO

    @ParameterizedTest
    @EnumSource(names = {"INFO", "GO"})
    void infoAndGoTellSizeFlagsAndBlockSizes(NbdOption option) throws IOException {
        List<OptionReply> answers = client.ask(option, WireClient.infoPayload(EXPORT));
        assertThat(WireClient.exportInfo(answers)).isEqualTo(new ExportInfo(SIZE, 0b1101_0110_1101));
        assertThat(answers)
                .extracting(OptionReply::payload)
                .contains(new Bytes()
                        .u16(InfoType.BLOCK_SIZE)
                        .u32(1)
                        .u32(4096)
                        .u32(32 << 20)
                        .array());
    }

    @Test
    void infoTellsNameAndDescriptionToThoseWhoAsk() throws IOException {
        List<OptionReply> answers = client.ask(
                NbdOption.INFO, WireClient.infoPayload("", InfoType.NAME, InfoType.DESCRIPTION, InfoType.BLOCK_SIZE));
        assertThat(answers)
                .extracting(OptionReply::payload)
                .contains(
                        new Bytes().u16(InfoType.NAME).text(EXPORT).array(),
                        new Bytes()
                                .u16(InfoType.DESCRIPTION)
                                .text("a disk in memory")
                                .array());
    }

    @Test
    void unknownAndRepeatedInformationRequestsArePassedOver() throws IOException {
        client.ask(NbdOption.INFO, WireClient.infoPayload(EXPORT, 77, 0xffff, 0, 0), ACK);
    }

    @Test
    void infoAndTheGoAfterItSayTheSame() throws IOException {
        client.form(ReplyForm.STRUCTURED);
        List<OptionReply> info = client.ask(NbdOption.INFO, WireClient.infoPayload(EXPORT, 3, 1));
        List<OptionReply> go = client.ask(NbdOption.GO, WireClient.infoPayload(EXPORT, 3, 1));
        assertThat(go).usingRecursiveComparison().ignoringFields("option").isEqualTo(info);
    }

    @ParameterizedTest
    @EnumSource(names = {"INFO", "GO"})
    void anUnknownExportIsSaidToBeSoBeforeAnythingElseAndTheClientMayTryAgain(NbdOption option) throws IOException {
        List<OptionReply> answers = client.ask(option, WireClient.infoPayload("nobody", 3));
        assertThat(types(answers)).containsExactly(ERR_UNKNOWN.code());
        client.go(EXPORT);
        client.requireService();
    }

    @ParameterizedTest
    @EnumSource(names = {"INFO", "GO"})
    void innerLengthsThatContradictEachOtherAreInvalid(NbdOption option) throws IOException {
        List<byte[]> malformed = new ArrayList<>(List.of(
                NOTHING,
                new byte[3],
                new byte[5],
                new Bytes().u32(5).text("disk").u16(0).array(), // the name would take a byte of the count
                new Bytes().u32(6).text("disk").u16(0).array(), // and here both
                new Bytes().u32(0xffff_ffffL).text("disk").u16(0).array(),
                new Bytes().u32(0x8000_0000L).text("disk").u16(0).array(),
                new Bytes().sized(EXPORT).u16(1).array(),
                new Bytes().sized(EXPORT).u16(0).u8(0).array(),
                new Bytes().sized(EXPORT).u16(1).u16(3).u16(3).array(),
                new Bytes().sized(EXPORT).u16(0xffff).u16(3).array(),
                new Bytes().sized("di\0sk").u16(0).array(),
                new Bytes().sized(EXPORT + "\0").u16(0).array(),
                new Bytes().u32(1).u8(0xff).u16(0).array(), // not UTF-8
                new Bytes().sized("n".repeat(4097)).u16(0).array()));
        for (byte[] payload : malformed) {
            assertThat(types(client.ask(option, payload))).containsExactly(ERR_INVALID.code());
        }
        client.go(EXPORT);
        client.requireService();
    }

    @Test
    void theLongestNameThatIsAllowedIsMerelyUnknown() throws IOException {
        client.ask(NbdOption.INFO, WireClient.infoPayload("n".repeat(4096)), ERR_UNKNOWN);
    }

    @Test
    void goWithExtendedHeadersIsNeverUnsupported() throws IOException {
        client.form(ReplyForm.EXTENDED).go(EXPORT);
        client.requireService();
    }

    @Test
    void requestsMayComeInTheSameSegmentAsGo() throws IOException {
        server.device().fill(0, Bytes.pattern(4096, 1));
        long cookie = client.cookie();
        client.expect(cookie, NbdCommand.READ, 0, 4096);
        client.send(new Bytes()
                .put(WireClient.optionBytes(99, new byte[7]))
                .put(WireClient.optionBytes(NbdOption.GO.code(), WireClient.infoPayload(EXPORT)))
                .put(client.requestBytes(NbdCommand.READ.code(), 0, cookie, 0, 4096, NOTHING))
                .array());
        client.answers(99);
        client.answers(NbdOption.GO.code());
        assertThat(client.replyTo(cookie).data()).isEqualTo(Bytes.pattern(4096, 1));
    }

    // ---- reply forms

    @Test
    void structuredRepliesMayBeAskedForTwice() throws IOException {
        client.form(ReplyForm.STRUCTURED).form(ReplyForm.STRUCTURED).go(EXPORT);
        client.requireService();
    }

    @Test
    void structuredRepliesAfterExtendedHeadersNeedThoseAndChangeNothing() throws IOException {
        client.form(ReplyForm.EXTENDED);
        client.ask(NbdOption.STRUCTURED_REPLY, NOTHING, ERR_EXT_HEADER_REQD);
        client.go(EXPORT);
        client.requireService();
    }

    @Test
    void extendedHeadersMayFollowStructuredRepliesAndComeTwice() throws IOException {
        client.form(ReplyForm.STRUCTURED)
                .form(ReplyForm.EXTENDED)
                .form(ReplyForm.EXTENDED)
                .go(EXPORT);
        client.requireService();
    }

    @Test
    void aFormThatWasRefusedIsNotInForce() throws IOException {
        client.ask(NbdOption.STRUCTURED_REPLY, new byte[1], ERR_INVALID);
        client.ask(NbdOption.EXTENDED_HEADERS, new byte[1], ERR_INVALID);
        assertThat(client.go(EXPORT).flags() & TransmissionFlags.SEND_DF).isZero();
        client.requireService();
    }

    @Test
    void flagsDependOnFormDeviceAndContexts() throws IOException {
        MemoryBlockDevice device = new MemoryBlockDevice(SIZE).readOnly().scope(DurabilityScope.CONNECTION);
        try (TestServer readOnly = TestServer.start(device)) {
            int simple = readOnly.negotiating().go(EXPORT).flags();
            int structured =
                    readOnly.negotiating().form(ReplyForm.STRUCTURED).go(EXPORT).flags();
            int extended =
                    readOnly.negotiating().form(ReplyForm.EXTENDED).go(EXPORT).flags();
            WireClient withContext = readOnly.negotiating().form(ReplyForm.EXTENDED);
            withContext.setContexts(EXPORT, "base:allocation");
            int payload = withContext.go(EXPORT).flags();
            assertThat(simple).isEqualTo(0b0100_0000_1111);
            assertThat(structured).isEqualTo(simple | TransmissionFlags.SEND_DF);
            assertThat(extended).isEqualTo(structured);
            assertThat(payload).isEqualTo(extended | TransmissionFlags.BLOCK_STATUS_PAYLOAD);
        }
    }

    // ---- contexts

    private static final Map<String, Integer> ALL = Map.of("base:allocation", 0, "qemu:allocation-depth", 0);

    private Map<String, Integer> listed(String... queries) throws IOException {
        return WireClient.contexts(client.ask(NbdOption.LIST_META_CONTEXT, WireClient.contextPayload(EXPORT, queries)));
    }

    @Test
    void contextsAreListedWithoutAnyFormAgreedOn() throws IOException {
        assertThat(listed()).isEqualTo(ALL);
        assertThat(listed("base:")).containsOnlyKeys("base:allocation");
        assertThat(listed("qemu:")).containsOnlyKeys("qemu:allocation-depth");
        assertThat(listed("base:", "qemu:allocation-depth", "base:allocation")).isEqualTo(ALL);
        assertThat(listed("x-own:", "base:nothing", "qemu:dirty-bitmap:", "base", "", ":"))
                .isEmpty();
    }

    @Test
    void selectingContextsNeedsAFormWithChunks() throws IOException {
        client.ask(NbdOption.SET_META_CONTEXT, WireClient.contextPayload(EXPORT, "base:allocation"), ERR_INVALID);
        client.form(ReplyForm.STRUCTURED);
        assertThat(client.setContexts(EXPORT, "base:allocation")).containsOnlyKeys("base:allocation");
    }

    @Test
    void selectedContextsHaveDistinctIdsAndEachComesOnce() throws IOException {
        client.form(ReplyForm.STRUCTURED);
        Map<String, Integer> ids =
                client.setContexts(EXPORT, "base:allocation", "qemu:allocation-depth", "base:allocation");
        assertThat(ids).containsOnlyKeys("base:allocation", "qemu:allocation-depth");
        assertThat(ids.values()).doesNotHaveDuplicates();
    }

    @Test
    void selectingByNamespaceOrUnknownNamesOrNothingSelectsNone() throws IOException {
        client.form(ReplyForm.STRUCTURED);
        assertThat(client.setContexts(EXPORT, "base:", "qemu:", "base:none", "x-y:z", "nocolon"))
                .isEmpty();
        assertThat(client.setContexts(EXPORT)).isEmpty();
        client.go(EXPORT);
        assertThat(client.call(NbdCommand.BLOCK_STATUS, 0, 0, 4096).error()).isEqualTo(NbdErrno.EINVAL.code());
    }

    @ParameterizedTest
    @EnumSource(names = {"LIST_META_CONTEXT", "SET_META_CONTEXT"})
    void malformedQueriesAreInvalid(NbdOption option) throws IOException {
        client.form(ReplyForm.STRUCTURED);
        for (byte[] payload : List.of(
                NOTHING,
                new Bytes().sized(EXPORT).array(),
                new Bytes().sized(EXPORT).u16(1).array(),
                new Bytes().sized(EXPORT).u32(1).array(),
                new Bytes().sized(EXPORT).u32(0xffff_ffffL).sized("base:").array(),
                new Bytes().sized(EXPORT).u32(1).u32(6).text("base:").array(), // runs past the end
                new Bytes().sized(EXPORT).u32(1).u32(0x8000_0005L).text("base:").array(),
                new Bytes().sized(EXPORT).u32(2).sized("base:").array(),
                new Bytes().sized(EXPORT).u32(1).sized("base:").u8(0).array(),
                new Bytes().sized(EXPORT).u32(0).u8(0).array(),
                new Bytes().sized(EXPORT).u32(1).sized("ba\0se:").array(),
                new Bytes().sized(EXPORT).u32(1).sized("q".repeat(4097)).array(),
                new Bytes().u32(7).text("disk").u32(0).array())) {
            client.ask(option, payload, ERR_INVALID);
        }
        client.ask(option, WireClient.contextPayload("nobody", "base:allocation"), ERR_UNKNOWN);
        client.go(EXPORT);
        client.requireService();
    }

    /** A failed or other selection takes the place of the one before. */
    private void requireNothingSelectedAfter(byte[] secondSelection) throws IOException {
        client.form(ReplyForm.STRUCTURED);
        client.setContexts(EXPORT, "base:allocation");
        client.ask(NbdOption.SET_META_CONTEXT, secondSelection);
        client.go(EXPORT);
        assertThat(client.call(NbdCommand.BLOCK_STATUS, 0, 0, 4096).error()).isEqualTo(NbdErrno.EINVAL.code());
    }

    @Test
    void aLaterSelectionReplacesAnEarlierOne() throws IOException {
        requireNothingSelectedAfter(WireClient.contextPayload(EXPORT));
    }

    @Test
    void aMalformedSelectionDropsTheEarlierOne() throws IOException {
        requireNothingSelectedAfter(NOTHING);
    }

    @Test
    void aSelectionForAnUnknownExportDropsTheEarlierOne() throws IOException {
        requireNothingSelectedAfter(WireClient.contextPayload("nobody", "base:allocation"));
    }

    @Test
    void aSelectionThatIsTooLongDropsTheEarlierOne() throws IOException {
        // Deliberate bug: an oversized option is refused without its being looked at which one it is.
        requireNothingSelectedAfter(new byte[80_000]);
    }

    @Test
    void listingContextsLeavesTheSelectionAlone() throws IOException {
        client.form(ReplyForm.STRUCTURED);
        Map<String, Integer> ids = client.setContexts(EXPORT, "base:allocation");
        listed();
        client.go(EXPORT);
        assertThat(client.call(NbdCommand.BLOCK_STATUS, 0, 0, 4096).extents())
                .containsOnlyKeys(List.copyOf(ids.values()).get(0));
    }

    @Test
    void aSelectionCountsForTheExportHoweverItIsCalled() throws IOException {
        client.form(ReplyForm.STRUCTURED);
        client.setContexts("", "base:allocation"); // the default export is this one
        client.go(EXPORT);
        assertThat(client.call(NbdCommand.BLOCK_STATUS, 0, 0, 4096).error()).isZero();
    }

    @Test
    void aSelectionCountsForTheNameWhateverObjectIsFoundUnderItThen() throws IOException {
        // Deliberate bug: a selection counts for the object that was found when it was made.
        MemoryBlockDevice device = new MemoryBlockDevice(SIZE);
        Exports fresh = new Exports() {
            @Override
            public Optional<Export> find(String name) {
                return Optional.of(new Export(EXPORT, "", device, Export.Reach.CLEAR_OR_TLS));
            }

            @Override
            public List<Listed> list() {
                return List.of();
            }
        };
        try (TestServer server = new TestServer(device, new Limits().build(), fresh, TlsMode.OFF, () -> {
            throw new IllegalStateException();
        })) {
            WireClient client = server.negotiating().form(ReplyForm.STRUCTURED);
            client.setContexts(EXPORT, "base:allocation");
            client.go(EXPORT);
            assertThat(client.call(NbdCommand.BLOCK_STATUS, 0, 0, 4096).error()).isZero();
        }
    }

    @Test
    void aSelectionForAnotherExportIsDroppedSilently() throws IOException {
        MemoryBlockDevice device = new MemoryBlockDevice(SIZE);
        Exports two = new FixedExports(List.of(
                new Export("one", "", device, Export.Reach.CLEAR_OR_TLS),
                new Export(EXPORT, "", device, Export.Reach.CLEAR_OR_TLS)));
        try (TestServer both = new TestServer(device, new Limits().build(), two, TlsMode.OFF, () -> {
            throw new IllegalStateException();
        })) {
            WireClient other = both.negotiating().form(ReplyForm.STRUCTURED);
            other.setContexts("one", "base:allocation");
            other.go(EXPORT);
            assertThat(other.call(NbdCommand.BLOCK_STATUS, 0, 0, 4096).error()).isEqualTo(NbdErrno.EINVAL.code());
        }
    }

    @Test
    void anExportThatCannotBeOpenedIsSaidToBeUnknown() throws IOException {
        Exports broken = new Exports() {
            @Override
            public java.util.Optional<Export> find(String name) throws IOException {
                throw new IOException("the disk is on fire");
            }

            @Override
            public List<Listed> list() {
                return List.of();
            }
        };
        try (TestServer failing =
                new TestServer(new MemoryBlockDevice(SIZE), new Limits().build(), broken, TlsMode.OFF, () -> {
                    throw new IllegalStateException();
                })) {
            WireClient told = failing.negotiating();
            OptionReply answer = told.ask(NbdOption.INFO, WireClient.infoPayload(EXPORT), ERR_UNKNOWN);
            assertThat(new String(answer.payload(), StandardCharsets.UTF_8)).contains("the disk is on fire");
            assertThat(types(told.ask(NbdOption.LIST, NOTHING))).containsExactly(ACK.code());
            told.option(NbdOption.EXPORT_NAME.code(), NOTHING);
            told.expectClose();
        }
    }
}
