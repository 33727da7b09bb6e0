package io.qedstore.nbd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The bytes of replies and requests, by the protocol document. */
class ReplyFormTest {
    private static final Request REQUEST = new Request(0, 0, 0x1122334455667788L, 0x0102030405060708L, 512);
    private static final String COOKIE = " 1122334455667788";
    private static final String OFFSET = " 0102030405060708";

    private static void requireBytes(String expected, Consumer<ByteBuf> writer) {
        ByteBuf out = Unpooled.buffer();
        writer.accept(out);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo(expected.replace(" ", ""));
    }

    @Test
    void success() {
        requireBytes("67446698 00000000" + COOKIE, out -> ReplyForm.SIMPLE.success(out, REQUEST));
        requireBytes("67446698 00000000" + COOKIE, out -> ReplyForm.STRUCTURED.success(out, REQUEST));
        requireBytes(
                "6e8a278c 0001 0000" + COOKIE + OFFSET + " 0000000000000000",
                out -> ReplyForm.EXTENDED.success(out, REQUEST));
    }

    @Test
    void aReadOfNothing() {
        requireBytes("67446698 00000000" + COOKIE, out -> ReplyForm.SIMPLE.emptyRead(out, REQUEST));
        requireBytes("668e33ef 0001 0000" + COOKIE + " 00000000", out -> ReplyForm.STRUCTURED.emptyRead(out, REQUEST));
        requireBytes(
                "6e8a278c 0001 0000" + COOKIE + OFFSET + " 0000000000000000",
                out -> ReplyForm.EXTENDED.emptyRead(out, REQUEST));
    }

    @Test
    void errors() {
        requireBytes("67446698 0000001c" + COOKIE, out -> ReplyForm.SIMPLE.error(out, REQUEST, NbdErrno.ENOSPC, "no"));
        requireBytes(
                "668e33ef 0001 8001" + COOKIE + " 00000008 00000016 0002 6e6f",
                out -> ReplyForm.STRUCTURED.error(out, REQUEST, NbdErrno.EINVAL, "no"));
        requireBytes(
                "6e8a278c 0001 8001" + COOKIE + OFFSET + " 0000000000000006 00000005 0000",
                out -> ReplyForm.EXTENDED.error(out, REQUEST, NbdErrno.EIO, ""));
    }

    @Test
    void anErrorTextIsCutBetweenTwoCharacters() {
        ByteBuf out = Unpooled.buffer();
        ReplyForm.STRUCTURED.error(out, REQUEST, NbdErrno.EIO, "x" + "\u00e4".repeat(3000));
        assertThat(out.getInt(16)).isEqualTo(6 + 4095);
        assertThat(out.getUnsignedShort(24)).isEqualTo(4095);
        assertThat(out.readableBytes()).isEqualTo(20 + 6 + 4095);
    }

    @Test
    void dataAndHoles() {
        requireBytes("67446698 00000000" + COOKIE, out -> ReplyForm.SIMPLE.simpleData(out, REQUEST));
        requireBytes(
                "668e33ef 0000 0001" + COOKIE + " 00000208 00000000000000ff",
                out -> ReplyForm.STRUCTURED.dataChunk(out, REQUEST, 0xff, 512, false));
        requireBytes(
                "6e8a278c 0001 0001" + COOKIE + OFFSET + " 0000000000000208 00000000000000ff",
                out -> ReplyForm.EXTENDED.dataChunk(out, REQUEST, 0xff, 512, true));
        requireBytes(
                "668e33ef 0001 0002" + COOKIE + " 0000000c 00000000000000ff 02000000",
                out -> ReplyForm.STRUCTURED.holeChunk(out, REQUEST, 0xff, 1 << 25, true));
        requireBytes(
                "6e8a278c 0000 0002" + COOKIE + OFFSET + " 000000000000000c 00000000000000ff 00000200",
                out -> ReplyForm.EXTENDED.holeChunk(out, REQUEST, 0xff, 512, false));
    }

    @Test
    void chunkHeadersAreNoLongerThanIsPromised() {
        for (ReplyForm form : ReplyForm.values()) {
            ByteBuf out = Unpooled.buffer();
            form.dataChunk(out, REQUEST, 0, 1, true);
            assertThat(out.readableBytes()).isLessThanOrEqualTo(ReplyForm.MAX_DATA_HEADER_BYTES);
            out.clear();
            form.holeChunk(out, REQUEST, 0, 1, true);
            assertThat(out.readableBytes()).isLessThanOrEqualTo(ReplyForm.MAX_HOLE_BYTES);
        }
    }

    @Test
    void blockStatus() {
        requireBytes("668e33ef 0001 0005" + COOKIE + " 0000000c 00000007 ffffffff 00000003", out -> {
            ReplyForm.STRUCTURED.statusChunk(out, REQUEST, 7, 1, true);
            ReplyForm.STRUCTURED.statusExtent(out, 0xffff_ffffL, 3);
        });
        requireBytes(
                "6e8a278c 0000 0006" + COOKIE + OFFSET + " 0000000000000018 00000007 00000001"
                        + " 0000000100000000 0000000000000003",
                out -> {
                    ReplyForm.EXTENDED.statusChunk(out, REQUEST, 7, 1, false);
                    ReplyForm.EXTENDED.statusExtent(out, 1L << 32, 3);
                });
    }

    @Test
    void requests() {
        ByteBuf compact = Unpooled.wrappedBuffer(
                ByteBufUtil.decodeHexDump("25609513ffff800111223344556677880102030405060708ffffffff"));
        assertThat(Request.read(compact, false))
                .isEqualTo(new Request(0xffff, 0x8001, 0x1122334455667788L, 0x0102030405060708L, 0xffff_ffffL));
        ByteBuf extended = Unpooled.wrappedBuffer(
                ByteBufUtil.decodeHexDump("21e41c710021000111223344556677880102030405060708ffffffffffffffff"));
        Request request = Objects.requireNonNull(Request.read(extended, true));
        assertThat(request).isEqualTo(new Request(0x21, 1, 0x1122334455667788L, 0x0102030405060708L, -1));
        assertThat(request.command()).isEqualTo(NbdCommand.WRITE);
        assertThat(request.has(CommandFlags.PAYLOAD_LEN)).isTrue();
        assertThat(request.has(CommandFlags.DF)).isFalse();
        assertThat(Request.read(compact.readerIndex(0), true)).isNull();
        assertThat(Request.read(extended.readerIndex(0), false)).isNull();
    }

    @Test
    void commandsHaveTheProtocolsNumbers() {
        for (NbdCommand command : NbdCommand.values()) {
            assertThat(NbdCommand.of(command.code())).isEqualTo(command);
        }
        assertThat(NbdCommand.of(9)).isNull();
        assertThat(NbdCommand.of(0xffff)).isNull();
        assertThat(NbdCommand.WRITE_ZEROES.code()).isEqualTo(6);
        for (NbdOption option : NbdOption.values()) {
            assertThat(NbdOption.of(option.code())).isEqualTo(option);
        }
        assertThat(NbdOption.of(4)).isNull(); // withdrawn
    }
}
