package io.qedstore.nbd;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.HandshakeFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.ReplyForm;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Sessions that were recorded, spoiled in one or several ways and played to a server over its socket. Nothing is asked of
 * the answers, but that new clients are served after each batch, that nothing is logged that should not be, and that in the
 * end every connection and every buffer is gone. A failure names its seed.
 *
 * <p>Deliberate bug that turns it red: a partial payload that is not given back when its connection ends.
 */
class MutatedSessionTest {
    private static final int BATCHES = 20;
    private static final int BATCH = 100;

    private final MemoryBlockDevice device = new MemoryBlockDevice(1 << 20);

    /** What is sent, in the pieces in which a client sends it. */
    private static List<byte[]> recorded(ReplyForm form) {
        List<byte[]> pieces = new ArrayList<>();
        pieces.add(new Bytes().u32(HandshakeFlags.ALL).array());
        pieces.add(WireClient.optionBytes(NbdOption.LIST.code(), new byte[0]));
        if (form != ReplyForm.SIMPLE) {
            int option =
                    form == ReplyForm.EXTENDED ? NbdOption.EXTENDED_HEADERS.code() : NbdOption.STRUCTURED_REPLY.code();
            pieces.add(WireClient.optionBytes(option, new byte[0]));
            pieces.add(WireClient.optionBytes(
                    NbdOption.SET_META_CONTEXT.code(),
                    WireClient.contextPayload(TestServer.EXPORT, "base:allocation", "qemu:allocation-depth")));
        }
        pieces.add(WireClient.optionBytes(NbdOption.INFO.code(), WireClient.infoPayload(TestServer.EXPORT, 3)));
        pieces.add(WireClient.optionBytes(NbdOption.GO.code(), WireClient.infoPayload(TestServer.EXPORT, 1, 2)));
        int carries = form == ReplyForm.EXTENDED ? CommandFlags.PAYLOAD_LEN : 0;
        byte[] none = new byte[0];
        long cookie = 100;
        for (int round = 0; round < 3; round++) {
            pieces.add(WireClient.requestBytes(form, NbdCommand.READ.code(), 0, cookie++, 4096, 70_000, none));
            byte[] data = Bytes.pattern(round * 30_000 + 512, round);
            pieces.add(
                    WireClient.requestBytes(form, NbdCommand.WRITE.code(), carries, cookie++, 8192, data.length, data));
            pieces.add(WireClient.requestBytes(form, NbdCommand.FLUSH.code(), 0, cookie++, 0, 0, none));
            pieces.add(WireClient.requestBytes(form, NbdCommand.WRITE_ZEROES.code(), 1, cookie++, 0, 9000, none));
            pieces.add(WireClient.requestBytes(form, NbdCommand.TRIM.code(), 0, cookie++, 0, 4096, none));
            pieces.add(WireClient.requestBytes(form, NbdCommand.CACHE.code(), 0, cookie++, 0, 4096, none));
            pieces.add(WireClient.requestBytes(form, NbdCommand.BLOCK_STATUS.code(), 0, cookie++, 0, 500_000, none));
        }
        pieces.add(WireClient.requestBytes(form, NbdCommand.DISC.code(), 0, cookie, 0, 0, none));
        return pieces;
    }

    /** Spoils a session. */
    private static List<byte[]> mutated(List<byte[]> session, List<byte[]> other, Random random) {
        List<byte[]> pieces = new ArrayList<>(session);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(pieces.size());
            byte[] piece = pieces.get(at).clone();
            if (piece.length == 0) {
                continue; // cut away before
            }
            int headerBytes = Math.min(piece.length, 32);
            switch (random.nextInt(8)) {
                case 0 -> piece[random.nextInt(headerBytes)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> piece[random.nextInt(piece.length)] = (byte) random.nextInt(256);
                case 2 -> Arrays.fill(piece, Math.max(0, headerBytes - 4), headerBytes, (byte) random.nextInt(256));
                case 3 -> piece = Arrays.copyOf(piece, random.nextInt(piece.length));
                case 4 -> piece = Arrays.copyOf(piece, piece.length + 1 + random.nextInt(40));
                case 5 -> pieces.add(at, piece.clone());
                case 6 -> {
                    piece = new byte[0];
                    pieces.addAll(at, other.subList(random.nextInt(other.size()), other.size()));
                    at = pieces.size() - 1;
                }
                default -> {
                    List<byte[]> head = pieces.subList(0, at);
                    pieces = new ArrayList<>(head);
                    pieces.add(piece);
                }
            }
            pieces.set(Math.min(at, pieces.size() - 1), piece);
        }
        return pieces;
    }

    /** As one stream, cut anew. */
    private static List<byte[]> recut(List<byte[]> pieces, Random random) {
        Bytes all = new Bytes();
        pieces.forEach(all::put);
        byte[] bytes = all.array();
        List<byte[]> cut = new ArrayList<>();
        int most = random.nextBoolean() ? 1 << 20 : 1 + random.nextInt(8000);
        for (int at = 0; at < bytes.length; ) {
            int end = Math.min(bytes.length, at + 1 + random.nextInt(most));
            cut.add(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
        return cut;
    }

    /** Reads all the while: to a client that only sends, the server need not listen for ever. */
    private static void play(TestServer server, Random random) throws IOException {
        ReplyForm[] forms = ReplyForm.values();
        List<byte[]> session = recorded(forms[random.nextInt(forms.length)]);
        List<byte[]> other = recorded(forms[random.nextInt(forms.length)]);
        try (WireClient client = WireClient.connect(server.address())) {
            Thread reader = client.readToEndAside();
            for (byte[] piece : recut(mutated(session, other, random), random)) {
                if (!client.trySend(piece)) {
                    return;
                }
            }
            if (random.nextBoolean()) {
                client.endOutput();
                reader.join();
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).matches(".*(reset|Broken pipe|not connected).*")) {
                throw e;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void noSpoiledSessionDoesAnyHarm() throws IOException {
        Limits limits = new Limits().handshakeDeadlineMs(2000).connectionBytes(1 << 20);
        try (TestServer server = TestServer.start(device, limits)) {
            WireClient existing = server.client(ReplyForm.STRUCTURED);
            Seeds.forEach(BATCHES, seed -> {
                Random random = new Random(seed);
                device.refuseNow(seed % 3 == 0);
                for (int i = 0; i < BATCH; i++) {
                    play(server, random);
                }
                server.requireService();
                existing.requireService();
            });
            TestServer.eventually("they are gone", () -> server.server().connections() == 1);
        }
    }
}
