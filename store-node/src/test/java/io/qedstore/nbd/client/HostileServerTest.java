package io.qedstore.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Outcome;
import io.qedstore.device.ReadReply;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that say what they must not: the connection ends, what was asked fails, and no memory is taken for their word. */
class HostileServerTest {
    private static final long OPTION_REPLY = 0x0003e889045565a9L;
    private static final int ACK = 1;
    private static final int INFO = 3;
    private static final int META_CONTEXT = 4;
    private static final int DONE = 1;
    private static final int DATA = 1;
    private static final int HOLE = 2;
    private static final int STATUS = 6;
    private static final int ERROR = 0x8001;

    private final RemoteDisks disks = new RemoteDisks(
            () -> {
                throw new IllegalStateException("TLS is off");
            },
            Duration.ofSeconds(2));

    @AfterEach
    void close() {
        disks.close();
    }

    @FunctionalInterface
    private interface Part {
        void play(DataInputStream in, DataOutputStream out) throws IOException;
    }

    private RemoteExport play(Part part) throws IOException {
        ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread player = new Thread(
                () -> {
                    try (listener;
                            Socket socket = listener.accept()) {
                        DataInputStream in = new DataInputStream(socket.getInputStream());
                        part.play(in, new DataOutputStream(socket.getOutputStream()));
                        in.transferTo(java.io.OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // the client has gone, as it should
                    }
                },
                "hostile server");
        player.setDaemon(true);
        player.start();
        return new RemoteExport(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort()),
                Optional.empty(),
                "disk");
    }

    private static void greet(DataOutputStream out) throws IOException {
        out.writeLong(0x4e42444d41474943L);
        out.writeLong(0x49484156454f5054L);
        out.writeShort(3);
    }

    private static int option(DataInputStream in) throws IOException {
        in.readLong();
        int code = in.readInt();
        in.skipNBytes(in.readInt());
        return code;
    }

    private static void reply(DataOutputStream out, int option, int type, byte[] data) throws IOException {
        out.writeLong(OPTION_REPLY);
        out.writeInt(option);
        out.writeInt(type);
        out.writeInt(data.length);
        out.write(data);
    }

    /** To the first request. */
    private static long open(DataInputStream in, DataOutputStream out) throws IOException {
        greet(out);
        in.readInt();
        reply(out, option(in), ACK, new byte[0]);
        int contexts = option(in);
        String name = "base:allocation";
        reply(
                out,
                contexts,
                META_CONTEXT,
                ByteBuffer.allocate(4 + name.length())
                        .putInt(7)
                        .put(name.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .array());
        reply(out, contexts, ACK, new byte[0]);
        int go = option(in);
        reply(
                out,
                go,
                INFO,
                ByteBuffer.allocate(12)
                        .putShort((short) 0)
                        .putLong(1 << 20)
                        .putShort((short) 0x147)
                        .array());
        reply(out, go, ACK, new byte[0]);
        in.readInt();
        in.readInt();
        long cookie = in.readLong();
        in.skipNBytes(16);
        return cookie;
    }

    private static void chunk(DataOutputStream out, int flags, int type, long cookie, long length, byte[] payload)
            throws IOException {
        out.writeInt(0x6e8a278c);
        out.writeShort(flags);
        out.writeShort(type);
        out.writeLong(cookie);
        out.writeLong(0);
        out.writeLong(length);
        out.write(payload);
    }

    private static byte[] piece(long offset, int length) {
        return ByteBuffer.allocate(8 + length).putLong(offset).array();
    }

    private static byte[] hole(long offset, int length) {
        return ByteBuffer.allocate(12).putLong(offset).putInt(length).array();
    }

    /** Takes bytes, and no more than were asked for. */
    private static final class Bounded implements ReadReply {
        private int left = 4096;

        @Override
        public ByteBuffer bytes(int lengthBytes) {
            take(lengthBytes);
            return ByteBuffer.allocate(lengthBytes);
        }

        private void take(int lengthBytes) {
            left -= lengthBytes;
            assertThat(left).as("what is left to be read").isNotNegative();
        }

        @Override
        public void zeroes(int lengthBytes) {
            take(lengthBytes);
        }
    }

    private void requireEnd(Part part) throws Exception {
        RemoteDevice remote = disks.open(play(part)).get(20, TimeUnit.SECONDS);
        Outcome read = new Outcome();
        remote.read(8192, 4096, Bounded::new, read);
        requireGone(remote, read);
    }

    private static void requireGone(RemoteDevice remote, Outcome request) throws Exception {
        assertThat(request.failure())
                .isInstanceOf(BlockDeviceException.class)
                .extracting(failure -> ((BlockDeviceException) failure).error())
                .isEqualTo(DeviceError.SHUTTING_DOWN);
        remote.gone().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** Lengths that would cost memory, and pieces of what was not asked for. */
    @ParameterizedTest
    @CsvSource({
        "8192, 4097",
        "8191, 4096",
        "8193, 4096",
        "0, 4096",
        "-1, 1",
        "8192, 33554433",
        "8192, 2147483647",
    })
    void aPieceThatWasNotAskedForEndsIt(long offset, int length) throws Exception {
        requireEnd((in, out) -> {
            long cookie = open(in, out);
            chunk(out, DONE, DATA, cookie, 8L + length, piece(offset, Math.min(length, 8192)));
        });
    }

    @ParameterizedTest
    @CsvSource({"8192, 4097", "8191, 1", "8192, 0", "8192, -1"})
    void aHoleThatWasNotAskedForEndsIt(long offset, int length) throws Exception {
        requireEnd((in, out) -> chunk(out, DONE, HOLE, open(in, out), 12, hole(offset, length)));
    }

    @Test
    void aReadThatEndsBeforeItsEndEndsIt() throws Exception {
        requireEnd((in, out) -> chunk(out, DONE, HOLE, open(in, out), 12, hole(8192, 4095)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "1, 8",
        "1, -1",
        "2, 11",
        "2, 13",
        "6, 8",
        "6, 9223372036854775807",
        "32769, 5",
        "32769, 9999999",
        "32770, -1",
        "5, 12",
        "77, 0",
    })
    void aChunkOfAnImpossibleLengthOrKindEndsIt(int type, long length) throws Exception {
        requireEnd((in, out) -> chunk(out, DONE, type, open(in, out), length, new byte[64]));
    }

    @Test
    void blockStatusForAReadEndsIt() throws Exception {
        byte[] status = ByteBuffer.allocate(24)
                .putInt(7)
                .putInt(1)
                .putLong(512)
                .putLong(0)
                .array();
        requireEnd((in, out) -> chunk(out, DONE, STATUS, open(in, out), 24, status));
    }

    @Test
    void anErrorWhoseTextIsLongerThanItIsEndsIt() throws Exception {
        byte[] error = ByteBuffer.allocate(8).putInt(5).putShort((short) 3).array();
        requireEnd((in, out) -> chunk(out, DONE, ERROR, open(in, out), 8, error));
    }

    @Test
    void aReplyToARequestThatIsNotUnderWayEndsIt() throws Exception {
        requireEnd((in, out) -> chunk(out, DONE, HOLE, open(in, out) + 1, 12, hole(8192, 4096)));
    }

    @Test
    void aReplyThatIsNoneEndsIt() throws Exception {
        requireEnd((in, out) -> {
            open(in, out);
            out.write(new byte[64]);
        });
    }

    @ParameterizedTest
    @CsvSource({"8, 1, 512", "7, 2, 512", "7, 1, 0", "7, 1, -1"})
    void blockStatusThatCannotBeEndsIt(int context, int count, long length) throws Exception {
        byte[] status = ByteBuffer.allocate(24)
                .putInt(context)
                .putInt(count)
                .putLong(length)
                .putLong(0)
                .array();
        RemoteDevice remote = disks.open(play((in, out) -> chunk(out, DONE, STATUS, open(in, out), 24, status)))
                .get(20, TimeUnit.SECONDS);
        Outcome asked = new Outcome();
        remote.blockStatus(0, 1 << 20, () -> (bytes, allocation, depth) -> true, asked);
        requireGone(remote, asked);
    }

    /** More than was asked for is not handed on, and without the layers' context each stretch has a likely one. */
    @Test
    void blockStatusThatGoesPastTheRangeIsCut() throws Exception {
        byte[] status = ByteBuffer.allocate(24)
                .putInt(7)
                .putInt(1)
                .putLong(Long.MAX_VALUE)
                .putLong(0)
                .array();
        RemoteDevice remote = disks.open(play((in, out) -> chunk(out, DONE, STATUS, open(in, out), 24, status)))
                .get(20, TimeUnit.SECONDS);
        CompletableFuture<Long> found = new CompletableFuture<>();
        Outcome asked = new Outcome();
        remote.blockStatus(
                0,
                4096,
                () -> (bytes, allocation, depth) -> {
                    found.complete(bytes * 10 + depth);
                    return true;
                },
                (Completion) asked);
        asked.requireSuccess();
        assertThat(found).isCompletedWithValue(40961L);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 17})
    void aServerThatStopsInTheGreetingIsGivenUp(int bytes) throws Exception {
        requireNotOpened((in, out) -> out.write(new byte[bytes]), "did not open the export within 2 s");
    }

    @Test
    void aServerThatIsNoneIsGivenUp() throws Exception {
        requireNotOpened((in, out) -> out.write(new byte[64]), "does not greet");
    }

    @Test
    void aReplyToAnOptionWithoutBoundsIsNotWaitedFor() throws Exception {
        requireNotOpened(
                (in, out) -> {
                    greet(out);
                    out.writeLong(OPTION_REPLY);
                    out.writeInt(11);
                    out.writeInt(ACK);
                    out.writeInt(Integer.MAX_VALUE);
                },
                "2147483647 bytes");
    }

    @Test
    void repliesToAnOptionWithoutEndAreNotTaken() throws Exception {
        requireNotOpened(
                (in, out) -> {
                    greet(out);
                    for (int i = 0; i < 1000; i++) {
                        reply(out, 11, INFO, new byte[12]);
                    }
                },
                "at most 64 replies");
    }

    @Test
    void aServerThatGoesAwayInTheHandshakeIsSaid() throws Exception {
        requireNotOpened(
                (in, out) -> {
                    greet(out);
                    throw new IOException("goes away");
                },
                "closed the connection");
    }

    private void requireNotOpened(Part part, String message) throws Exception {
        RemoteExport export = play(part);
        assertThatThrownBy(() -> disks.open(export).get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }
}
