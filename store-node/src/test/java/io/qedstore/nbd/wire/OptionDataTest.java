package io.qedstore.nbd.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.qedstore.nbd.wire.OptionData.ExportInfoRequest;
import io.qedstore.nbd.wire.OptionData.MetaContextRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OptionDataTest {
    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private static ByteBuf sized(String text) {
        ByteBuf bytes = text(text);
        return Unpooled.buffer().writeInt(bytes.readableBytes()).writeBytes(bytes);
    }

    @Test
    void aNameIsAllThereIs() throws MalformedOptionException {
        assertThat(OptionData.name(Unpooled.EMPTY_BUFFER)).isEmpty();
        assertThat(OptionData.name(text("d\u00efsk"))).isEqualTo("d\u00efsk");
        assertThat(OptionData.name(text("n".repeat(4096)))).hasSize(4096);
    }

    @Test
    void namesThatAreNoStringsOfTheProtocolAreMalformed() {
        for (ByteBuf name : List.of(
                text("n".repeat(4097)),
                text("a\0b"),
                text("\0"),
                Unpooled.wrappedBuffer(new byte[] {(byte) 0xff}),
                Unpooled.wrappedBuffer(new byte[] {(byte) 0xc3}),
                Unpooled.wrappedBuffer(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}))) {
            assertThatThrownBy(() -> OptionData.name(name)).isInstanceOf(MalformedOptionException.class);
        }
    }

    @Test
    void anInfoRequestHasANameAndTypes() throws MalformedOptionException {
        ByteBuf data =
                sized("disk").writeShort(3).writeShort(3).writeShort(0xffff).writeShort(3);
        assertThat(OptionData.exportInfo(data)).isEqualTo(new ExportInfoRequest("disk", Set.of(3, 0xffff)));
        assertThat(OptionData.exportInfo(sized("").writeShort(0))).isEqualTo(new ExportInfoRequest("", Set.of()));
    }

    @Test
    void aContextRequestHasANameAndQueries() throws MalformedOptionException {
        ByteBuf data = sized("disk").writeInt(2).writeBytes(sized("base:")).writeBytes(sized(""));
        assertThat(OptionData.metaContexts(data)).isEqualTo(new MetaContextRequest("disk", List.of("base:", "")));
    }

    @Test
    void everyPrefixAndEveryAdditionIsMalformed() {
        ByteBuf info = sized("disk").writeShort(2).writeShort(1).writeShort(2);
        ByteBuf contexts = sized("disk").writeInt(2).writeBytes(sized("base:")).writeBytes(sized("q"));
        for (int cut = 0; cut < info.readableBytes(); cut++) {
            ByteBuf prefix = info.slice(0, cut);
            assertThatThrownBy(() -> OptionData.exportInfo(prefix)).isInstanceOf(MalformedOptionException.class);
        }
        for (int cut = 0; cut < contexts.readableBytes(); cut++) {
            ByteBuf prefix = contexts.slice(0, cut);
            assertThatThrownBy(() -> OptionData.metaContexts(prefix)).isInstanceOf(MalformedOptionException.class);
        }
        assertThatThrownBy(() -> OptionData.exportInfo(info.copy().writeByte(0)))
                .isInstanceOf(MalformedOptionException.class);
        assertThatThrownBy(() -> OptionData.metaContexts(contexts.copy().writeByte(0)))
                .isInstanceOf(MalformedOptionException.class);
        assertThatThrownBy(() -> OptionData.requireEmpty(Unpooled.wrappedBuffer(new byte[1])))
                .isInstanceOf(MalformedOptionException.class);
    }

    @Test
    void whateverTheBytesAreNothingElseIsThrownAndNothingBeyondThemAllocated() {
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] &= random.nextInt(4) == 0 ? (byte) 0xff : 1;
            }
            try {
                OptionData.exportInfo(Unpooled.wrappedBuffer(bytes));
            } catch (MalformedOptionException e) {
                assertThat(e).as("seed %s", seed).hasMessageNotContaining("-1 of them in -");
            }
            try {
                assertThat(OptionData.metaContexts(Unpooled.wrappedBuffer(bytes))
                                .queries())
                        .as("seed %s", seed)
                        .hasSizeLessThan(10);
            } catch (MalformedOptionException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }
}
