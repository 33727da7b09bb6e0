package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Gate;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.nbd.WireReply.Piece;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What replies to reads are made of. */
class ReadReplyTest {
    private static final int SIZE = 40 << 20;

    private final MemoryBlockDevice device = new MemoryBlockDevice(SIZE);

    @AutoClose
    private final TestServer server = TestServer.start(device);

    @ParameterizedTest
    @EnumSource
    void readsOfEverySizeBringWhatWasWritten(ReplyForm form) throws IOException {
        byte[] content = Bytes.pattern(33 << 20, 3);
        device.fill(100, content);
        WireClient client = server.client(form);
        for (boolean cached : new boolean[] {true, false}) {
            device.refuseNow(!cached);
            for (int length :
                    new int[] {1, 511, 4096, 4097, 128 << 10, (128 << 10) + 1, 1 << 20, (1 << 20) + 1, 32 << 20}) {
                for (int flags : form.hasChunks() ? new int[] {0, CommandFlags.DF, CommandFlags.FUA} : new int[] {0}) {
                    WireReply reply = client.call(NbdCommand.READ, flags, 100, length);
                    assertThat(reply.error()).isZero();
                    assertThat(Arrays.equals(reply.data(), 0, length, content, 0, length))
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatOneConnectionWroteIsReadByAll(ReplyForm form) throws IOException {
        WireClient writer = server.client(form);
        WireClient reader = server.client(form);
        Random random = new Random(5);
        byte[] model = new byte[600_000];
        for (int i = 0; i < 200; i++) {
            int offset = random.nextInt(model.length);
            int length = 1 + random.nextInt(Math.min(200_000, model.length - offset));
            byte[] bytes = Bytes.pattern(length, i);
            writer.write(offset, bytes);
            System.arraycopy(bytes, 0, model, offset, length);
            int from = random.nextInt(model.length - 1000);
            assertThat(reader.read(from, 1000)).isEqualTo(Arrays.copyOfRange(model, from, from + 1000));
        }
        assertThat(reader.read(0, model.length)).isEqualTo(model);
        assertThat(device.content(0, model.length)).isEqualTo(model);
    }

    @ParameterizedTest
    @EnumSource(names = {"STRUCTURED", "EXTENDED"})
    void holesAreToldAndNotSent(ReplyForm form) throws IOException {
        device.fill(8192, Bytes.pattern(4096, 1));
        device.fill(20480, Bytes.pattern(10, 2));
        WireClient client = server.client(form);
        for (boolean cached : new boolean[] {true, false}) {
            device.refuseNow(!cached);
            WireReply reply = client.call(NbdCommand.READ, 0, 100, 30_000);
            assertThat(reply.pieces())
                    .containsExactly(
                            new Piece(100, 8092, true),
                            new Piece(8192, 4096, false),
                            new Piece(12288, 8192, true),
                            new Piece(20480, 4096, false),
                            new Piece(24576, 5524, true));
            assertThat(reply.data()).isEqualTo(device.content(100, 30_000));
            assertThat(client.call(NbdCommand.READ, 0, 0, 32 << 20).data()).hasSize(32 << 20);
        }
        WireReply hole = client.call(NbdCommand.READ, 0, 1 << 20, 1 << 20);
        assertThat(hole.pieces()).containsExactly(new Piece(1 << 20, 1 << 20, true));
    }

    @ParameterizedTest
    @EnumSource(names = {"STRUCTURED", "EXTENDED"})
    void whoDoesNotWantFragmentsGetsOnePiece(ReplyForm form) throws IOException {
        device.fill(8192, Bytes.pattern(4096, 1));
        device.fill(30_000, Bytes.pattern(100_000, 2));
        WireClient client = server.client(form);
        for (boolean cached : new boolean[] {true, false}) {
            device.refuseNow(!cached);
            for (int length : new int[] {1, 65536, 200_000, 5 << 20}) {
                WireReply reply = client.call(NbdCommand.READ, CommandFlags.DF, 100, length);
                assertThat(reply.pieces()).containsExactly(new Piece(100, length, false));
                assertThat(reply.data()).isEqualTo(device.content(100, length));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STRUCTURED", "EXTENDED"})
    void readsOfNothingAndFailedReadsHaveNoPiecesAndTheChunkedForm(ReplyForm form) throws IOException {
        WireClient client = server.client(form);
        WireReply nothing = client.call(NbdCommand.READ, 0, 5, 0);
        assertThat(nothing.simple()).isFalse();
        assertThat(nothing.error()).isZero();
        WireReply outside = client.call(NbdCommand.READ, 0, SIZE, 1);
        assertThat(outside.simple()).isFalse();
        assertThat(outside.error()).isEqualTo(NbdErrno.EINVAL.code());
        device.fail(call -> true, new IOException("gone"));
        for (boolean cached : new boolean[] {true, false}) {
            device.refuseNow(!cached);
            WireReply failed = client.call(NbdCommand.READ, CommandFlags.DF, 5, 300_000);
            assertThat(failed.simple()).isFalse();
            assertThat(failed.pieces()).isEmpty();
            assertThat(failed.error()).isEqualTo(NbdErrno.EIO.code());
        }
    }

    // ---- replies that are sent from a file

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stretchesOfAFileComeLikeAnyOtherBytes(boolean cached, @TempDir Path folder) throws Exception {
        byte[] content = Bytes.pattern(SIZE, 9);
        Path path = folder.resolve("content");
        try (FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(content));
            device.sendFrom(file);
            device.fill(0, content);
            device.refuseNow(!cached);
            for (ReplyForm form : ReplyForm.values()) {
                try (WireClient client =
                        WireClient.negotiating(server.address()).form(form)) {
                    client.go(TestServer.EXPORT);
                    requireContent(client, content, 1000, 20_000);
                    requireContent(client, content, 77, 40_000);
                    requireContent(client, content, 12, (1 << 20) + 17);
                    requireContent(client, content, 1, 32 << 20);
                    long[] cookies = new long[50];
                    for (int i = 0; i < cookies.length; i++) {
                        cookies[i] = client.requestRead(i, i % 3 == 0 ? 512 : 33_000 + i);
                    }
                    for (int i = 0; i < cookies.length; i++) {
                        byte[] data = client.replyTo(cookies[i]).data();
                        assertThat(data).isEqualTo(Arrays.copyOfRange(content, i, i + data.length));
                    }
                }
            }
            server.close();
        }
    }

    private static void requireContent(WireClient client, byte[] content, int offset, int length) throws IOException {
        assertThat(Arrays.equals(client.read(offset, length), Arrays.copyOfRange(content, offset, offset + length)))
                .isTrue();
    }

    // ---- order

    @ParameterizedTest
    @EnumSource
    void aSlowReadHoldsUpNeitherItsOwnConnectionNorOthers(ReplyForm form) throws Exception {
        // Deliberate bug: replies leave in the order of their requests, or reads wait on the event loop.
        WireClient client = server.client(form);
        WireClient other = server.client(form);
        Gate slow = device.hold(call -> call.kind() == Kind.READ && call.offset() == 4096);
        long held = client.requestRead(4096, 512);
        slow.awaitArrivals(1);
        for (int i = 0; i < 100; i++) {
            long cookie = client.requestRead(0, 512);
            assertThat(client.reply().cookie()).isEqualTo(cookie);
        }
        client.write(8192, Bytes.pattern(512, 1));
        client.flush();
        other.requireService();
        assertThat(other.read(8192, 512)).isEqualTo(Bytes.pattern(512, 1));
        server.requireService();
        slow.open();
        assertThat(client.reply().cookie()).isEqualTo(held);
    }

    @ParameterizedTest
    @EnumSource
    void slowRequestsOfEveryKindHoldUpNobody(ReplyForm form) throws Exception {
        WireClient client = server.client(form);
        Gate slow = device.hold(call -> call.kind() != Kind.READ);
        long[] held = {
            client.requestWrite(0, 0, new byte[512]),
            client.requestWrite(CommandFlags.FUA, 512, new byte[300_000]),
            client.request(NbdCommand.FLUSH, 0, 0, 0),
            client.request(NbdCommand.TRIM, 0, 0, SIZE),
            client.request(NbdCommand.WRITE_ZEROES, 0, 0, SIZE),
            client.request(NbdCommand.CACHE, 0, 0, SIZE)
        };
        slow.awaitArrivals(held.length);
        client.requireService();
        server.requireService();
        slow.open();
        for (long cookie : held) {
            assertThat(client.replyTo(cookie).error()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void cookiesComeBackAsTheyAre(ReplyForm form) throws IOException {
        WireClient client = server.client(form);
        for (long cookie : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x0102_0304_0506_0708L}) {
            for (NbdCommand command : new NbdCommand[] {NbdCommand.READ, NbdCommand.TRIM, NbdCommand.RESIZE}) {
                client.expect(cookie, command, 0, 512);
                client.send(client.requestBytes(command.code(), 0, cookie, 0, 512, new byte[0]));
                assertThat(client.reply().cookie()).isEqualTo(cookie);
            }
        }
    }

    // ---- the other commands

    @ParameterizedTest
    @EnumSource
    void flagsAndRangesReachTheDevice(ReplyForm form) throws IOException {
        WireClient client = server.client(form);
        client.replyTo(client.requestWrite(CommandFlags.FUA, 7, new byte[5]));
        client.replyTo(client.requestWrite(0, 8, new byte[5]));
        client.call(NbdCommand.TRIM, CommandFlags.FUA, 9, 10);
        client.call(NbdCommand.WRITE_ZEROES, CommandFlags.NO_HOLE, 11, 12);
        client.call(NbdCommand.WRITE_ZEROES, CommandFlags.FAST_ZERO | CommandFlags.FUA, 13, 14);
        client.call(NbdCommand.CACHE, CommandFlags.FUA, 15, 16);
        client.call(NbdCommand.FLUSH, CommandFlags.FUA, 0, 0);
        assertThat(device.calls().stream()
                        .map(call -> call.kind() + " " + call.offset() + "+" + call.lengthBytes()
                                + " "
                                + call.flags().stream()
                                        .map(Object::toString)
                                        .filter(flag -> !flag.equals("NOW"))
                                        .sorted()
                                        .toList()))
                .containsExactly(
                        "WRITE 7+5 [ON_COMPLETION]",
                        "WRITE 8+5 [ON_FLUSH]",
                        "TRIM 9+10 [ON_COMPLETION]",
                        "ZERO 11+12 [NO_HOLE, ON_FLUSH]",
                        "ZERO 13+14 [FAST_ZERO, ON_COMPLETION]",
                        "CACHE 15+16 []",
                        "FLUSH 0+0 []");
    }

    @Test
    void eachFlushIsOneOfTheDeviceAndBeginsAfterTheWritesThatWereAnswered() throws IOException {
        WireClient one = server.client(ReplyForm.STRUCTURED);
        WireClient two = server.client();
        for (int i = 0; i < 20; i++) {
            one.write(i * 512L, new byte[512]);
            two.flush();
            assertThat(device.count(Kind.FLUSH)).isEqualTo(i + 1);
            assertThat(device.calls().get(2 * i + 1).kind()).isEqualTo(Kind.FLUSH);
        }
    }
}
