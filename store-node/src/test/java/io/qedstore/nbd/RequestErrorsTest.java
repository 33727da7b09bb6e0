package io.qedstore.nbd;

import static io.qedstore.nbd.wire.NbdCommand.BLOCK_STATUS;
import static io.qedstore.nbd.wire.NbdCommand.CACHE;
import static io.qedstore.nbd.wire.NbdCommand.FLUSH;
import static io.qedstore.nbd.wire.NbdCommand.READ;
import static io.qedstore.nbd.wire.NbdCommand.RESIZE;
import static io.qedstore.nbd.wire.NbdCommand.TRIM;
import static io.qedstore.nbd.wire.NbdCommand.WRITE;
import static io.qedstore.nbd.wire.NbdCommand.WRITE_ZEROES;
import static io.qedstore.nbd.wire.NbdErrno.EINVAL;
import static io.qedstore.nbd.wire.NbdErrno.ENOSPC;
import static io.qedstore.nbd.wire.NbdErrno.EPERM;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.Magic;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Which requests are refused, how, and that the next one is understood all the same: row by row, in each form of replies.
 *
 * <p>Deliberate bugs that turn it red: bounds compared as {@code offset + length > size}; the payload of a refused write
 * left where it is; another order of checks.
 */
class RequestErrorsTest {
    private static final long SIZE = 1 << 20;
    private static final int MAX = 32 << 20;
    private static final byte[] NOTHING = new byte[0];
    private static final int OK = 0;

    private final MemoryBlockDevice device = new MemoryBlockDevice(SIZE);

    @AutoClose
    private final TestServer server = TestServer.start(device);

    /** A request and the error that it gets; writes carry as many bytes as their length says. */
    private record Row(int command, int flags, long offset, long length, int error) {
        Row(NbdCommand command, int flags, long offset, long length, NbdErrno error) {
            this(command.code(), flags, offset, length, error.code());
        }

        Row(NbdCommand command, int flags, long offset, long length) {
            this(command.code(), flags, offset, length, OK);
        }
    }

    private static List<Row> rows(boolean chunks) {
        List<Row> rows = new ArrayList<>();
        for (long[] range : new long[][] {
            {SIZE, 1},
            {SIZE - 1, 2},
            {0, SIZE + 1},
            {SIZE + 1, 0},
            {SIZE + 1, 1},
            {Long.MAX_VALUE, 1},
            {Long.MAX_VALUE - 511, 512},
            {Long.MIN_VALUE, 1},
            {Long.MIN_VALUE, 512},
            {-1, 1},
            {-1, 0},
            {-512, 512},
            {-512, 1024},
            {-4096, 4096 + 512}
        }) {
            for (NbdCommand command : new NbdCommand[] {READ, TRIM, CACHE}) {
                rows.add(new Row(command, 0, range[0], range[1], EINVAL));
            }
            rows.add(new Row(BLOCK_STATUS, 0, range[0], range[1], EINVAL));
            for (NbdCommand command : new NbdCommand[] {WRITE, WRITE_ZEROES}) {
                rows.add(new Row(command, 0, range[0], range[1], ENOSPC));
                rows.add(new Row(command, CommandFlags.FUA, range[0], range[1], ENOSPC));
            }
        }
        for (long length : new long[] {0xffff_ffffL, 0x8000_0000L}) {
            rows.add(new Row(TRIM, 0, 0, length, EINVAL));
            rows.add(new Row(CACHE, 0, 512, length, EINVAL));
            rows.add(new Row(WRITE_ZEROES, 0, 0, length, ENOSPC));
            rows.add(new Row(BLOCK_STATUS, 0, 0, length, EINVAL));
            rows.add(new Row(READ, 0, 0, length, EINVAL));
        }
        rows.add(new Row(READ, 0, 0, MAX + 1, EINVAL));
        rows.add(new Row(WRITE, 0, 0, MAX, ENOSPC));
        for (int code : new int[] {9, 10, 255, 0xffff}) {
            rows.add(new Row(code, 0, 0, 0, EINVAL.code()));
            rows.add(new Row(code, CommandFlags.FUA, -1, 512, EINVAL.code()));
        }
        rows.add(new Row(RESIZE, 0, 2 * SIZE, 0, EINVAL));
        for (int flag = 1 << 6; flag < 1 << 16; flag <<= 1) {
            for (NbdCommand command : new NbdCommand[] {READ, WRITE, FLUSH, TRIM, CACHE, WRITE_ZEROES, BLOCK_STATUS}) {
                rows.add(new Row(command, flag, 0, 512, EINVAL));
            }
        }
        for (NbdCommand command : new NbdCommand[] {READ, WRITE, FLUSH, TRIM, CACHE, BLOCK_STATUS}) {
            rows.add(new Row(command, CommandFlags.NO_HOLE, 0, 512, EINVAL));
            rows.add(new Row(command, CommandFlags.FAST_ZERO, 0, 512, EINVAL));
        }
        for (NbdCommand command : new NbdCommand[] {READ, WRITE, FLUSH, TRIM, CACHE, WRITE_ZEROES}) {
            rows.add(new Row(command, CommandFlags.REQ_ONE, 0, 512, EINVAL));
        }
        for (NbdCommand command : new NbdCommand[] {WRITE, FLUSH, TRIM, CACHE, WRITE_ZEROES, BLOCK_STATUS}) {
            rows.add(new Row(command, CommandFlags.DF, 0, 512, EINVAL));
        }
        rows.add(chunks ? new Row(READ, CommandFlags.DF, 0, 512) : new Row(READ, CommandFlags.DF, 0, 512, EINVAL));
        for (long offset : new long[] {0, 1, SIZE - 1, SIZE}) {
            for (NbdCommand command : new NbdCommand[] {READ, WRITE, TRIM, CACHE, WRITE_ZEROES}) {
                rows.add(new Row(command, 0, offset, 0));
                rows.add(new Row(command, CommandFlags.FUA, offset, 0));
            }
            rows.add(new Row(BLOCK_STATUS, 0, offset, 0, EINVAL));
        }
        for (NbdCommand command : new NbdCommand[] {READ, WRITE, FLUSH, TRIM, CACHE, WRITE_ZEROES}) {
            rows.add(new Row(command, CommandFlags.FUA, 3, 5)); // unaligned, with FUA
            rows.add(new Row(command, 0, 0, SIZE));
        }
        rows.add(new Row(FLUSH, 0, -1, 0xffff_ffffL)); // both reserved and not looked at
        rows.add(new Row(WRITE_ZEROES, CommandFlags.NO_HOLE | CommandFlags.FUA | CommandFlags.FAST_ZERO, 0, 512));
        rows.add(chunks ? new Row(BLOCK_STATUS, CommandFlags.FUA, 0, 512) : new Row(BLOCK_STATUS, 0, 0, 512, EINVAL));
        return rows;
    }

    /** Sends a row's request, alone in a segment or right behind others. */
    private static long send(WireClient client, ReplyForm form, Row row) throws IOException {
        boolean write = row.command() == WRITE.code();
        int flags = row.flags() | (write && form == ReplyForm.EXTENDED ? CommandFlags.PAYLOAD_LEN : 0);
        byte[] payload = write ? new byte[(int) row.length()] : NOTHING;
        return client.request(row.command(), flags, row.offset(), row.length(), payload);
    }

    @ParameterizedTest
    @EnumSource
    void eachRowOfTheTableGetsItsErrorAndTheNextRequestItsAnswer(ReplyForm form) throws IOException {
        String[] contexts = form.hasChunks() ? new String[] {"base:allocation"} : new String[0];
        WireClient client = server.client(form, contexts);
        for (Row row : rows(form.hasChunks())) {
            WireReply reply = client.replyTo(send(client, form, row));
            assertThat(reply.error()).as("%s: %s", row, reply.text()).isEqualTo(row.error());
            if (row.error() != OK && form.hasChunks()) {
                assertThat(reply.text()).as("what is said about %s", row).isNotEmpty();
            }
            if (row.command() == WRITE.code()) {
                client.requireService();
            }
        }
        client.requireService();
    }

    @ParameterizedTest
    @EnumSource
    void allRowsMayComeAtOnce(ReplyForm form) throws Exception {
        String[] contexts = form.hasChunks() ? new String[] {"base:allocation"} : new String[0];
        WireClient client = server.client(form, contexts);
        List<Row> rows = rows(form.hasChunks());
        List<Long> cookies = new ArrayList<>();
        Bytes all = new Bytes();
        for (Row row : rows) {
            long cookie = client.cookie();
            boolean write = row.command() == WRITE.code();
            client.expect(cookie, row.command(), row.offset(), row.length());
            int flags = row.flags() | (write && form == ReplyForm.EXTENDED ? CommandFlags.PAYLOAD_LEN : 0);
            all.put(client.requestBytes(
                    row.command(),
                    flags,
                    cookie,
                    row.offset(),
                    row.length(),
                    write ? new byte[(int) row.length()] : NOTHING));
            cookies.add(cookie);
        }
        Thread writer = new Thread(() -> client.trySend(all.array()));
        writer.start();
        for (int i = 0; i < rows.size(); i++) {
            WireReply reply = client.replyTo(cookies.get(i));
            assertThat(reply.error())
                    .as("%s: %s", rows.get(i), reply.text())
                    .isEqualTo(rows.get(i).error());
        }
        writer.join();
        client.requireService();
    }

    @ParameterizedTest
    @EnumSource
    void aReadOnlyExportPermitsNothingThatChangesIt(ReplyForm form) throws IOException {
        device.readOnly();
        WireClient client = server.client(form);
        for (Row row : List.of(
                new Row(WRITE, 0, 0, 512, EPERM),
                new Row(WRITE, CommandFlags.FUA, 0, 0, EPERM),
                new Row(WRITE, 0, SIZE, 512, EPERM), // comes before the bounds
                new Row(WRITE, CommandFlags.NO_HOLE, 0, 512, EINVAL), // comes after the flags
                new Row(TRIM, 0, 0, 512, EPERM),
                new Row(WRITE_ZEROES, 0, 0, 512, EPERM),
                new Row(WRITE_ZEROES, CommandFlags.NO_HOLE, -1, 512, EPERM),
                new Row(FLUSH, 0, 0, 0),
                new Row(CACHE, 0, 0, 512),
                new Row(READ, 0, 0, 512))) {
            WireReply reply = client.replyTo(send(client, form, row));
            assertThat(reply.error()).as("%s: %s", row, reply.text()).isEqualTo(row.error());
        }
        assertThat(device.calls())
                .extracting(MemoryBlockDevice.Call::kind)
                .containsOnly(Kind.READ, Kind.FLUSH, Kind.CACHE);
    }

    @ParameterizedTest
    @EnumSource
    void nothingThatWasRefusedReachesTheDevice(ReplyForm form) throws IOException {
        WireClient client = server.client(form);
        for (Row row : rows(form.hasChunks())) {
            if (row.error() != OK && row.length() <= 1 << 21) {
                client.replyTo(send(client, form, row));
            }
        }
        assertThat(device.calls()).isEmpty();
    }

    // ---- payloads

    @ParameterizedTest
    @EnumSource(names = {"SIMPLE", "STRUCTURED"})
    void aCompactWriteALittleTooLongIsEatenAndRefused(ReplyForm form) throws IOException {
        WireClient client = server.client(form);
        for (int length : new int[] {MAX + 1, MAX + 4096}) {
            WireReply reply = client.replyTo(client.requestWrite(0, 0, new byte[length]));
            assertThat(reply.error()).isEqualTo(EINVAL.code());
            client.requireService();
        }
        assertThat(device.count(Kind.WRITE)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aWriteFarTooLongEndsTheConnection(ReplyForm form) throws IOException {
        for (long length : new long[] {0xffff_ffffL, 0x8000_0000L, 100 << 20}) {
            WireClient client = server.client(form);
            int flags = form == ReplyForm.EXTENDED ? CommandFlags.PAYLOAD_LEN : 0;
            client.request(WRITE.code(), flags, 0, length, NOTHING);
            client.expectClose();
        }
        server.requireService();
    }

    @Test
    void anExtendedPayloadOverTheLimitEndsTheConnectionWhateverItIsFor() throws IOException {
        for (NbdCommand command : NbdCommand.values()) {
            for (long length : new long[] {MAX + 1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
                if (command != NbdCommand.DISC) {
                    WireClient client = server.client(ReplyForm.EXTENDED, "base:allocation");
                    client.request(command.code(), CommandFlags.PAYLOAD_LEN, 0, length, NOTHING);
                    client.expectClose();
                    client.close();
                }
            }
        }
        server.requireService();
    }

    @Test
    void anExtendedPayloadOnACommandThatTakesNoneIsEatenAndInvalid() throws IOException {
        WireClient client = server.client(ReplyForm.EXTENDED); // no context, so block status takes none either
        for (int length : new int[] {0, 1, 12, 70_000, 3 << 20}) {
            for (NbdCommand command : NbdCommand.values()) {
                if (command != NbdCommand.DISC && command != WRITE) {
                    byte[] payload = new byte[length];
                    WireReply reply = client.replyTo(
                            client.request(command.code(), CommandFlags.PAYLOAD_LEN, 0, length, payload));
                    assertThat(reply.error())
                            .as("%s with %s bytes", command, length)
                            .isEqualTo(EINVAL.code());
                }
            }
            WireReply unknown =
                    client.replyTo(client.request(77, CommandFlags.PAYLOAD_LEN, 0, length, new byte[length]));
            assertThat(unknown.error()).isEqualTo(EINVAL.code());
        }
        client.requireService();
        assertThat(device.count(Kind.READ)).isOne();
    }

    @Test
    void anExtendedWriteWithoutThePayloadFlagIsInvalidAndCarriesNothing() throws IOException {
        WireClient client = server.client(ReplyForm.EXTENDED);
        for (long length : new long[] {0, 512, 1L << 40}) {
            WireReply reply = client.call(WRITE, 0, 0, length);
            assertThat(reply.error()).isEqualTo(EINVAL.code());
        }
        client.requireService();
    }

    @ParameterizedTest
    @EnumSource(names = {"SIMPLE", "STRUCTURED"})
    void thePayloadFlagIsUnknownInCompactRequests(ReplyForm form) throws IOException {
        WireClient client = server.client(form);
        assertThat(client.call(READ, CommandFlags.PAYLOAD_LEN, 0, 512).error()).isEqualTo(EINVAL.code());
        WireReply reply = client.replyTo(client.requestWrite(CommandFlags.PAYLOAD_LEN, 0, new byte[512]));
        assertThat(reply.error()).isEqualTo(EINVAL.code());
        client.requireService();
    }

    @Test
    void extendedLengthsBeyond32BitsAreComparedInFull() throws IOException {
        WireClient client = server.client(ReplyForm.EXTENDED, "base:allocation");
        for (long length : new long[] {1L << 32, (1L << 32) + 512, 1L << 63, -512, -1}) {
            assertThat(client.call(READ, 0, 0, length).error()).isEqualTo(EINVAL.code());
            assertThat(client.call(TRIM, 0, 0, length).error()).isEqualTo(EINVAL.code());
            assertThat(client.call(CACHE, 0, 512, length).error()).isEqualTo(EINVAL.code());
            assertThat(client.call(BLOCK_STATUS, 0, 512, length).error()).isEqualTo(EINVAL.code());
            assertThat(client.call(WRITE_ZEROES, 0, 512, length).error()).isEqualTo(ENOSPC.code());
        }
        assertThat(device.calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void offsetsBeyond2ToThe32ReachTheDeviceAsTheyAre(ReplyForm form) throws IOException {
        long size = Long.MAX_VALUE - 511;
        MemoryBlockDevice huge = new MemoryBlockDevice(size);
        try (TestServer server = TestServer.start(huge)) {
            WireClient client = server.client(form);
            for (long offset : new long[] {(1L << 32) + 3, 1L << 40, 1L << 62, size - 600}) {
                client.write(offset, Bytes.pattern(600, offset));
                assertThat(client.read(offset, 600)).isEqualTo(Bytes.pattern(600, offset));
                assertThat(huge.content(offset, 600)).isEqualTo(Bytes.pattern(600, offset));
            }
            assertThat(client.call(READ, 0, size - 599, 600).error()).isEqualTo(EINVAL.code());
            assertThat(client.call(READ, 0, Long.MAX_VALUE, 600).error()).isEqualTo(EINVAL.code());
            assertThat(client.call(READ, 0, Long.MIN_VALUE, 600).error()).isEqualTo(EINVAL.code());
            if (form == ReplyForm.EXTENDED) {
                assertThat(client.call(TRIM, 0, 0, size).error()).isZero();
                assertThat(client.call(WRITE_ZEROES, 0, 1, size - 1).error()).isZero();
            }
        }
    }

    // ---- what leaves no way on

    @ParameterizedTest
    @EnumSource
    void aRequestWithoutItsMagicNumberEndsTheConnection(ReplyForm form) throws IOException {
        ReplyForm other = form == ReplyForm.EXTENDED ? ReplyForm.SIMPLE : ReplyForm.EXTENDED;
        for (byte[] wrong : List.of(
                new byte[32],
                WireClient.requestBytes(other, READ.code(), 0, 1, 0, 512, new byte[4]),
                new Bytes().u32(Magic.SIMPLE_REPLY).put(new byte[28]).array())) {
            WireClient client = server.client(form);
            client.send(wrong);
            client.expectClose();
        }
        server.requireService();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasAskedBeforeAWrongMagicNumberMayBeAnsweredAndWhatComesAfterIsNotDone(ReplyForm form) throws IOException {
        WireClient client = server.client(form);
        int flags = form == ReplyForm.EXTENDED ? CommandFlags.PAYLOAD_LEN : 0;
        client.send(new Bytes()
                .put(new byte[form == ReplyForm.EXTENDED ? 32 : 28])
                .put(client.requestBytes(WRITE.code(), flags, 5, 0, 512, new byte[512]))
                .array());
        client.readToEnd();
        assertThat(device.count(Kind.WRITE)).isZero();
    }

    // ---- failures of the device

    @ParameterizedTest
    @EnumSource
    void eachFailureOfTheDeviceHasItsErrorAndTheConnectionGoesOn(ReplyForm form) throws IOException {
        String[] contexts = form.hasChunks() ? new String[] {"base:allocation"} : new String[0];
        WireClient client = server.client(form, contexts);
        for (boolean cached : new boolean[] {true, false}) {
            device.refuseNow(!cached);
            for (DeviceError error : DeviceError.values()) {
                device.fail(call -> true, new BlockDeviceException(error, "it is broken"));
                requireFailures(client, form, DeviceErrno.of(error).code());
            }
            device.fail(call -> true, new IOException("it is broken"));
            requireFailures(client, form, NbdErrno.EIO.code());
            device.heal();
            client.requireService();
        }
    }

    private static void requireFailures(WireClient client, ReplyForm form, int error) throws IOException {
        for (NbdCommand command : List.of(READ, WRITE, FLUSH, TRIM, CACHE, WRITE_ZEROES, BLOCK_STATUS)) {
            if (command != BLOCK_STATUS || form.hasChunks()) {
                for (int length : new int[] {512, 400_000}) {
                    WireReply reply = client.replyTo(send(client, form, new Row(command, 0, 0, length)));
                    assertThat(reply.error()).as("%s of %s", command, length).isEqualTo(error);
                    assertThat(reply.text()).isEqualTo(form.hasChunks() ? "it is broken" : "");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureWhoseTextIsTooLongIsToldWithWhatFits(ReplyForm form) throws IOException {
        WireClient client = server.client(form);
        device.fail(call -> true, new IOException("\u00e4".repeat(5000)));
        assertThat(client.call(READ, 0, 0, 512).error()).isEqualTo(NbdErrno.EIO.code());
        device.heal();
        client.requireService();
    }
}
