package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.ReplyForm;
import io.qedstore.nbd.wire.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Deliberate bugs that turn it red: a header that is taken as whole a byte early; a refused payload that stays. */
class RequestReaderTest {
    private static final byte[] NOTHING = new byte[0];

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

    @AfterEach
    void everyBufferWasGivenBack() {
        assertThat(allocator.metric().usedDirectMemory()).isZero();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    private RequestReader reader(ReplyForm form, LongPredicate admission) {
        MemoryBlockDevice device = new MemoryBlockDevice(1 << 20);
        Export export = new Export("", "", device, Export.Reach.CLEAR_OR_TLS);
        Session session = new Session(export, device.sizeBytes(), form, Set.of());
        return new RequestReader(session, new RequestValidator(session), allocator, admission);
    }

    /** What a reader made of a request. */
    private record Seen(
            Request header,
            @Nullable String payload,
            @Nullable String error) {}

    private static Seen seen(IncomingRequest request) {
        ByteBuf payload = request.payload();
        Refusal refusal = request.refusal();
        Seen seen = new Seen(
                request.header(),
                payload == null ? null : ByteBufUtil.hexDump(payload),
                refusal == null ? null : refusal.errno().name());
        ReferenceCountUtil.release(payload);
        return seen;
    }

    private static byte[] session(ReplyForm form) {
        int carries = form == ReplyForm.EXTENDED ? CommandFlags.PAYLOAD_LEN : 0;
        Bytes bytes = new Bytes();
        bytes.put(WireClient.requestBytes(form, NbdCommand.READ.code(), 0, 1, 0, 512, NOTHING));
        bytes.put(WireClient.requestBytes(form, NbdCommand.WRITE.code(), carries, 2, 0, 7, Bytes.pattern(7, 2)));
        bytes.put(WireClient.requestBytes(form, NbdCommand.WRITE.code(), carries, 3, -1, 5, Bytes.pattern(5, 3)));
        bytes.put(WireClient.requestBytes(form, 77, 0, 4, 5, 6, NOTHING));
        bytes.put(WireClient.requestBytes(form, NbdCommand.WRITE.code(), carries, 5, 0, 0, NOTHING));
        if (form == ReplyForm.EXTENDED) {
            bytes.put(WireClient.requestBytes(form, 77, carries, 6, 0, 9, Bytes.pattern(9, 6)));
        }
        bytes.put(WireClient.requestBytes(form, NbdCommand.WRITE.code(), carries, 7, 1, 3, Bytes.pattern(3, 7)));
        return bytes.put(WireClient.requestBytes(form, NbdCommand.DISC.code(), 0, 8, 0, 0, NOTHING))
                .array();
    }

    private List<Seen> read(RequestReader reader, byte[]... pieces) throws ProtocolBreachException {
        List<Seen> all = new ArrayList<>();
        for (byte[] piece : pieces) {
            ByteBuf in = allocator.directBuffer(Math.max(1, piece.length)).writeBytes(piece);
            for (IncomingRequest next = reader.next(in); next != null; next = reader.next(in)) {
                all.add(seen(next));
            }
            assertThat(in.isReadable()).as("bytes left").isFalse();
            in.release();
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void requestsAreTheSameWhereverTheirBytesAreCut(ReplyForm form) throws ProtocolBreachException {
        byte[] session = session(form);
        List<Seen> whole = read(reader(form, bytes -> true), session);
        assertThat(whole).hasSize(form == ReplyForm.EXTENDED ? 8 : 7);
        assertThat(whole.get(1).payload()).isEqualTo(ByteBufUtil.hexDump(Bytes.pattern(7, 2)));
        assertThat(whole.get(2)).extracting(Seen::payload, Seen::error).containsExactly(null, "ENOSPC");
        for (int cut = 0; cut <= session.length; cut++) {
            byte[] head = Arrays.copyOf(session, cut);
            byte[] tail = Arrays.copyOfRange(session, cut, session.length);
            assertThat(read(reader(form, bytes -> true), head, tail))
                    .as("cut at %s", cut)
                    .isEqualTo(whole);
        }
        byte[][] single = new byte[session.length][];
        for (int i = 0; i < single.length; i++) {
            single[i] = new byte[] {session[i]};
        }
        assertThat(read(reader(form, bytes -> true), single)).isEqualTo(whole);
    }

    @Test
    void aPayloadForWhichThereIsNoRoomWaitsForIt() throws ProtocolBreachException {
        boolean[] room = {false};
        RequestReader reader = reader(ReplyForm.SIMPLE, bytes -> room[0]);
        byte[] payload = Bytes.pattern(100, 1);
        byte[] request = WireClient.requestBytes(ReplyForm.SIMPLE, 1, 0, 2, 0, 100, payload);
        ByteBuf first = Unpooled.wrappedBuffer(request, 0, 60);
        for (int i = 0; i < 3; i++) {
            assertThat(reader.next(first)).isNull();
            assertThat(reader.isBlocked()).isTrue();
            assertThat(first.readableBytes()).isEqualTo(60 - 28);
        }
        room[0] = true;
        assertThat(reader.next(first)).isNull();
        assertThat(reader.isBlocked()).isFalse();
        assertThat(first.isReadable()).isFalse();
        IncomingRequest whole = Objects.requireNonNull(reader.next(Unpooled.wrappedBuffer(request, 60, 68)));
        assertThat(whole.chargedBytes()).isEqualTo(100);
        assertThat(seen(whole).payload()).isEqualTo(ByteBufUtil.hexDump(payload));
    }

    @Test
    void aPayloadMayBePutRightIntoItsPlace() throws ProtocolBreachException {
        RequestReader reader = reader(ReplyForm.SIMPLE, bytes -> true);
        byte[] payload = Bytes.pattern(100, 1);
        byte[] request = WireClient.requestBytes(ReplyForm.SIMPLE, 1, 0, 2, 0, 100, payload);
        assertThat(reader.next(Unpooled.wrappedBuffer(request, 0, 40))).isNull();
        ByteBuf place = Objects.requireNonNull(reader.incompletePayload());
        assertThat(reader.isIncompletePayload(place)).isTrue();
        place.writeBytes(payload, 12, 88);
        assertThat(seen(Objects.requireNonNull(reader.next(Unpooled.EMPTY_BUFFER)))
                        .payload())
                .isEqualTo(ByteBufUtil.hexDump(payload));
        assertThat(reader.incompletePayload()).isNull();
    }

    @Test
    void anIncompletePayloadIsGivenBackWithWhatItWasCharged() throws ProtocolBreachException {
        RequestReader reader = reader(ReplyForm.SIMPLE, bytes -> true);
        assertThat(reader.discard()).isZero();
        byte[] request = WireClient.requestBytes(ReplyForm.SIMPLE, 1, 0, 2, 0, 100, new byte[99]);
        assertThat(reader.next(Unpooled.wrappedBuffer(request))).isNull();
        assertThat(reader.discard()).isEqualTo(100);
        assertThat(reader.discard()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aWrongMagicNumberIsABreach(ReplyForm form) {
        assertThatThrownBy(() -> reader(form, bytes -> true).next(Unpooled.wrappedBuffer(new byte[32])))
                .isInstanceOf(ProtocolBreachException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aPayloadThatNobodyWouldEatIsABreachBeforeItComes(ReplyForm form) {
        int carries = form == ReplyForm.EXTENDED ? CommandFlags.PAYLOAD_LEN : 0;
        byte[] request = WireClient.requestBytes(form, NbdCommand.WRITE.code(), carries, 1, 0, 0xffff_ffffL, NOTHING);
        assertThatThrownBy(() -> reader(form, bytes -> true).next(Unpooled.wrappedBuffer(request)))
                .isInstanceOf(ProtocolBreachException.class)
                .hasMessageContaining("4294967295");
    }
}
