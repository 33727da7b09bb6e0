package io.qedstore.nbd;

import static io.qedstore.nbd.TestServer.EXPORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.nbd.WireReply.Extent;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What block status tells, in both forms that have it. */
class BlockStatusTest {
    private static final long SIZE = 1L << 40;
    private static final long PAGE = MemoryBlockDevice.PAGE_BYTES;
    private static final long HOLE = 3;
    private static final long DATA = 0;
    private static final String BASE = "base:allocation";
    private static final String DEPTH = "qemu:allocation-depth";

    private final MemoryBlockDevice device = new MemoryBlockDevice(SIZE);

    @AutoClose
    private final TestServer server = TestServer.start(device);

    private WireClient client = connected();

    private WireClient connected() {
        try {
            return server.negotiating();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, Integer> go(ReplyForm form, String... contexts) throws IOException {
        client = server.negotiating().form(form);
        Map<String, Integer> ids = client.setContexts(EXPORT, contexts);
        client.go(EXPORT);
        return ids;
    }

    private static int idOf(Map<String, Integer> ids, String context) {
        return Objects.requireNonNull(ids.get(context), context);
    }

    private void layOut() {
        device.fill(2 * PAGE, new byte[(int) (3 * PAGE)]);
        device.fill(6 * PAGE, new byte[1]);
    }

    @ParameterizedTest
    @EnumSource(names = {"STRUCTURED", "EXTENDED"})
    void neighboursOfOneStatusAreOneExtent(ReplyForm form) throws IOException {
        int id = go(form, BASE).values().iterator().next();
        layOut();
        WireReply reply = client.call(NbdCommand.BLOCK_STATUS, 0, 100, 9 * PAGE - 100);
        assertThat(reply.extents())
                .isEqualTo(Map.of(
                        id,
                        List.of(
                                new Extent(2 * PAGE - 100, HOLE),
                                new Extent(3 * PAGE, DATA),
                                new Extent(PAGE, HOLE),
                                new Extent(PAGE, DATA),
                                new Extent(2 * PAGE, HOLE))));
    }

    @ParameterizedTest
    @EnumSource(names = {"STRUCTURED", "EXTENDED"})
    void whoWantsOneExtentGetsOneThatDoesNotLeaveTheRequest(ReplyForm form) throws IOException {
        int id = go(form, BASE).values().iterator().next();
        layOut();
        for (long[] range : new long[][] {{0, 9 * PAGE, 2 * PAGE}, {0, 512, 512}, {2 * PAGE + 1, PAGE, PAGE}}) {
            WireReply reply = client.call(NbdCommand.BLOCK_STATUS, CommandFlags.REQ_ONE, range[0], range[1]);
            assertThat(reply.extents(id)).hasSize(1);
            assertThat(reply.extents(id).get(0).lengthBytes()).isEqualTo(range[2]);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STRUCTURED", "EXTENDED"})
    void eachContextThatWasSelectedHasItsOwnChunk(ReplyForm form) throws IOException {
        Map<String, Integer> ids = go(form, DEPTH, BASE);
        layOut();
        for (int flags : new int[] {0, CommandFlags.REQ_ONE}) {
            WireReply reply = client.call(NbdCommand.BLOCK_STATUS, flags, 2 * PAGE, 4 * PAGE);
            List<Extent> base = List.of(new Extent(3 * PAGE, DATA), new Extent(PAGE, HOLE));
            List<Extent> depth = List.of(new Extent(3 * PAGE, 1), new Extent(PAGE, 0));
            int most = flags == 0 ? 2 : 1;
            assertThat(reply.extents())
                    .isEqualTo(Map.of(
                            idOf(ids, BASE), base.subList(0, most),
                            idOf(ids, DEPTH), depth.subList(0, most)));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STRUCTURED", "EXTENDED"})
    void aBlockStatusWithoutASelectedContextIsInvalid(ReplyForm form) throws IOException {
        go(form);
        assertThat(client.call(NbdCommand.BLOCK_STATUS, 0, 0, 512).error()).isEqualTo(NbdErrno.EINVAL.code());
        assertThat(device.calls()).isEmpty();
    }

    @Test
    void itIsInvalidInTheSimpleForm() throws IOException {
        WireReply reply = server.client().call(NbdCommand.BLOCK_STATUS, 0, 0, 512);
        assertThat(reply.error()).isEqualTo(NbdErrno.EINVAL.code());
        assertThat(reply.simple()).isTrue();
    }

    @Test
    void lengthsBeyond32BitsAreToldWhereHeadersAreExtended() throws IOException {
        int id = go(ReplyForm.EXTENDED, BASE).values().iterator().next();
        layOut();
        WireReply all = client.call(NbdCommand.BLOCK_STATUS, 0, 0, SIZE);
        assertThat(all.extents(id)).endsWith(new Extent(SIZE - 7 * PAGE, HOLE));
        WireReply far = client.call(NbdCommand.BLOCK_STATUS, 0, SIZE - 1, 1);
        assertThat(far.extents(id)).containsExactly(new Extent(1, HOLE));
    }

    @Test
    void theLongestCompactRequestIsToldIn32Bits() throws IOException {
        int id = go(ReplyForm.STRUCTURED, BASE).values().iterator().next();
        WireReply reply = client.call(NbdCommand.BLOCK_STATUS, 0, 1, 0xffff_ffffL);
        assertThat(reply.extents(id)).containsExactly(new Extent(0xffff_ffffL, HOLE));
    }

    @ParameterizedTest
    @EnumSource(names = {"STRUCTURED", "EXTENDED"})
    void manyExtentsComeInOneReplyOrAShorterOne(ReplyForm form) throws IOException {
        int id = go(form, BASE).values().iterator().next();
        for (int page = 0; page < 20_000; page += 2) {
            device.fill(page * PAGE, new byte[1]);
        }
        long told = 0;
        for (int replies = 0; told < 20_000 * PAGE; replies++) {
            assertThat(replies).isLessThan(10);
            for (Extent extent : client.call(NbdCommand.BLOCK_STATUS, 0, told, 20_000 * PAGE - told)
                    .extents(id)) {
                assertThat(extent).isEqualTo(new Extent(PAGE, told / PAGE % 2 == 0 ? DATA : HOLE));
                told += extent.lengthBytes();
            }
        }
    }

    // ---- with a payload

    private WireReply withPayload(long offset, byte[] payload, int flags) throws IOException {
        long cookie = client.cookie();
        client.expect(cookie, NbdCommand.BLOCK_STATUS, offset, 0);
        client.send(client.requestBytes(
                NbdCommand.BLOCK_STATUS.code(),
                CommandFlags.PAYLOAD_LEN | flags,
                cookie,
                offset,
                payload.length,
                payload));
        return client.replyTo(cookie);
    }

    @Test
    void aPayloadChoosesAmongTheSelectedContexts() throws IOException {
        Map<String, Integer> ids = go(ReplyForm.EXTENDED, BASE, DEPTH);
        layOut();
        int base = idOf(ids, BASE);
        int depth = idOf(ids, DEPTH);
        byte[] one = new Bytes().u64(6 * PAGE).u32(depth).array();
        assertThat(withPayload(2 * PAGE, one, 0).extents())
                .isEqualTo(Map.of(
                        depth,
                        List.of(
                                new Extent(3 * PAGE, 1),
                                new Extent(PAGE, 0),
                                new Extent(PAGE, 1),
                                new Extent(PAGE, 0))));
        byte[] both = new Bytes().u64(PAGE).u32(depth).u32(base).array();
        assertThat(withPayload(2 * PAGE, both, CommandFlags.REQ_ONE).extents()).containsOnlyKeys(base, depth);
    }

    @Test
    void aPayloadThatIsNotUnderstoodIsInvalidAndAnswered() throws IOException {
        // Deliberate bug: a payload without any context, which gives an empty reply, that is none.
        Map<String, Integer> ids = go(ReplyForm.EXTENDED, BASE);
        int base = idOf(ids, BASE);
        for (byte[] payload : List.of(
                new byte[0],
                new byte[4],
                new byte[7],
                new Bytes().u64(PAGE).array(),
                new Bytes().u64(PAGE).u16(0).array(),
                new Bytes().u64(PAGE).u32(base).u8(0).array(),
                new Bytes().u64(PAGE).u32(base + 77).array(),
                new Bytes().u64(PAGE).u32(base).u32(base + 1).array(), // not selected
                new Bytes().u64(0).u32(base).array(),
                new Bytes().u64(SIZE + 1).u32(base).array(),
                new Bytes().u64(-1).u32(base).array(),
                new Bytes().u64(Long.MIN_VALUE).u32(base).array(),
                new byte[5000],
                new byte[100_000])) {
            assertThat(withPayload(0, payload, 0).error())
                    .as("%s bytes", payload.length)
                    .isEqualTo(NbdErrno.EINVAL.code());
        }
        assertThat(withPayload(-1, new Bytes().u64(1).u32(base).array(), 0).error())
                .isEqualTo(NbdErrno.EINVAL.code());
        assertThat(device.count(Kind.STATUS)).isZero();
        client.requireService();
    }
}
