package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.Allocation;
import io.qedstore.device.BlockDevice;
import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Durability;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Call;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.device.Outcome;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.device.ReadReply;
import io.qedstore.device.ZeroOption;
import io.qedstore.nbd.client.ExportRefusedException;
import io.qedstore.nbd.client.RemoteDevice;
import io.qedstore.nbd.client.RemoteDisks;
import io.qedstore.nbd.client.RemoteExport;
import io.qedstore.security.ReloadingTls;
import io.qedstore.security.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk behind this server and this client is the disk. */
class RemoteDeviceTest {
    private static final int MIB = 1 << 20;
    private static final long SIZE = 64L * MIB;
    private static final int ROUNDS = 20;
    private static final int DEPTH = 32;

    private final MemoryBlockDevice device = new MemoryBlockDevice(SIZE);
    private final TestServer server = TestServer.start(device);
    private final RemoteDisks disks = new RemoteDisks(
            () -> {
                throw new IllegalStateException("TLS is off");
            },
            Duration.ofSeconds(20));

    @AfterEach
    void close() throws IOException {
        server.close();
        disks.close();
    }

    private RemoteDevice open() throws Exception {
        return open(TestServer.EXPORT);
    }

    private RemoteDevice open(String export) throws Exception {
        RemoteExport wanted = new RemoteExport((InetSocketAddress) server.tcp(), Optional.empty(), export);
        return disks.open(wanted).get(20, TimeUnit.SECONDS);
    }

    /** Bytes in memory, with the holes as holes. */
    private static final class Bytewise implements ReadReply {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private ByteBuffer last = ByteBuffer.allocate(0);
        private int holes;

        @Override
        public ByteBuffer bytes(int lengthBytes) {
            take();
            last = ByteBuffer.allocate(lengthBytes);
            return last.duplicate();
        }

        private void take() {
            taken.writeBytes(last.array());
            last = ByteBuffer.allocate(0);
        }

        @Override
        public void zeroes(int lengthBytes) {
            take();
            taken.writeBytes(new byte[lengthBytes]);
            holes++;
        }

        byte[] whole() {
            take();
            return taken.toByteArray();
        }
    }

    private static byte[] read(BlockDevice of, long offset, int length) throws IOException {
        Bytewise reply = new Bytewise();
        Outcome outcome = new Outcome();
        of.read(offset, length, () -> reply, outcome);
        outcome.requireSuccess();
        return reply.whole();
    }

    private static Outcome write(BlockDevice to, long offset, byte[] bytes, Durability durability) {
        Outcome outcome = new Outcome();
        to.write(offset, Payload.of(ByteBuffer.wrap(bytes)), durability, Patience.WAIT, outcome);
        return outcome;
    }

    @Test
    void itSaysOfTheDiskWhatTheDiskSays() throws Exception {
        RemoteDevice remote = open();
        assertThat(remote.sizeBytes()).isEqualTo(SIZE);
        assertThat(remote.isReadOnly()).isFalse();
        assertThat(remote.durabilityScope()).isEqualTo(device.durabilityScope());
        assertThat(remote.preferredBlockBytes()).isEqualTo(device.preferredBlockBytes());
        assertThat(remote.description()).isEqualTo("a disk in memory");
    }

    @Test
    void everyRequestComesToTheDiskAsItWasAsked() throws Exception {
        RemoteDevice remote = open();
        write(remote, 4096, Bytes.pattern(8192, 1), Durability.ON_COMPLETION).requireSuccess();
        write(remote, MIB, Bytes.pattern(512, 2), Durability.ON_FLUSH).requireSuccess();
        Outcome zeroed = new Outcome();
        remote.writeZeroes(4096, 4096, EnumSet.allOf(ZeroOption.class), Durability.ON_FLUSH, zeroed);
        zeroed.requireSuccess();
        Outcome trimmed = new Outcome();
        remote.trim(MIB, MIB, Durability.ON_COMPLETION, trimmed);
        trimmed.requireSuccess();
        Outcome flushed = new Outcome();
        remote.flush(flushed);
        flushed.requireSuccess();
        remote.cache(0, MIB);
        List<Call> calls = device.calls();
        assertThat(calls).hasSize(6);
        assertThat(calls.get(0).flags()).isEqualTo(Set.of(Durability.ON_COMPLETION, Patience.NOW));
        assertThat(calls.get(1).flags()).isEqualTo(Set.of(Durability.ON_FLUSH, Patience.NOW));
        assertThat(calls.get(2))
                .isEqualTo(new Call(
                        Kind.ZERO, 4096, 4096, Set.of(ZeroOption.NO_HOLE, ZeroOption.FAST_ZERO, Durability.ON_FLUSH)));
        assertThat(calls.get(3)).isEqualTo(new Call(Kind.TRIM, MIB, MIB, Set.of(Durability.ON_COMPLETION)));
        assertThat(calls.get(4).kind()).isEqualTo(Kind.FLUSH);
        assertThat(calls.get(5)).isEqualTo(new Call(Kind.CACHE, 0, MIB, Set.of()));
    }

    @Test
    void bytesComeAsBytesAndHolesAsHoles() throws Exception {
        device.fill(8192, Bytes.pattern(4096, 3));
        RemoteDevice remote = open();
        Bytewise reply = new Bytewise();
        remote.read(0, 32 << 20, reply, Patience.WAIT);
        assertThat(reply.whole()).isEqualTo(device.content(0, 32 << 20));
        assertThat(reply.holes).isEqualTo(2);
    }

    private record Stretch(long length, Allocation allocation, int depth) {}

    @Test
    void theKindsOfBytesAreThoseOfTheDisk() throws Exception {
        for (int page = 0; page < 64; page += 3) {
            device.fill(page * 4096L, Bytes.pattern(4096, page));
        }
        RemoteDevice remote = open();
        List<Stretch> found = stretches(remote);
        assertThat(found).isEqualTo(stretches(device)).hasSize(44);
    }

    private static List<Stretch> stretches(BlockDevice of) throws IOException {
        List<Stretch> stretches = new ArrayList<>();
        of.blockStatus(0, SIZE, (length, allocation, depth) -> stretches.add(new Stretch(length, allocation, depth)));
        return stretches;
    }

    @Test
    void whatFailsThereFailsHereAsTheSame() throws Exception {
        RemoteDevice remote = open();
        for (DeviceError error : DeviceError.values()) {
            device.fail(call -> call.kind() == Kind.TRIM, new BlockDeviceException(error, "no " + error));
            Outcome outcome = new Outcome();
            remote.trim(0, 4096, Durability.ON_FLUSH, outcome);
            assertThat(outcome.failure())
                    .isInstanceOf(BlockDeviceException.class)
                    .hasMessageContaining("no " + error)
                    .extracting(failure -> ((BlockDeviceException) failure).error())
                    .isEqualTo(error);
        }
    }

    /** Turns red where a reply is taken for another request's. */
    @Test
    void manyRequestsAtATimeLeaveWhatTheSameWouldLeaveOneByOne() throws Exception {
        long seed = Long.getLong("qedstore.seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        RemoteDevice remote = open();
        byte[] expected = new byte[(int) SIZE];
        for (int round = 0; round < ROUNDS; round++) {
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < DEPTH; i++) { // each in a stretch of its own
                int offset = 2 * MIB * i + random.nextInt(MIB);
                int length = 1 + random.nextInt(random.nextBoolean() ? MIB : 8192);
                Outcome outcome = new Outcome();
                if (random.nextInt(4) == 0) {
                    remote.writeZeroes(offset, length, Set.of(), Durability.ON_FLUSH, outcome);
                    java.util.Arrays.fill(expected, offset, offset + length, (byte) 0);
                } else {
                    byte[] bytes = Bytes.pattern(length, random.nextLong());
                    System.arraycopy(bytes, 0, expected, offset, length);
                    outcome = write(remote, offset, bytes, Durability.ON_FLUSH);
                }
                outcomes.add(outcome);
            }
            for (Outcome outcome : outcomes) {
                outcome.requireSuccess();
            }
            int offset = random.nextInt((int) SIZE - MIB);
            assertThat(read(remote, offset, MIB))
                    .as("round " + round + " at " + offset + ", seed " + seed)
                    .isEqualTo(java.util.Arrays.copyOfRange(expected, offset, offset + MIB));
        }
        assertThat(device.content(0, (int) SIZE)).isEqualTo(expected);
    }

    @Test
    void whenTheServerIsGoneWhatItHasNotAnsweredFails() throws Exception {
        RemoteDevice remote = open();
        MemoryBlockDevice.Gate gate = device.hold(Kind.FLUSH);
        Outcome held = new Outcome();
        remote.flush(held);
        gate.awaitArrivals(1);
        remote.cut();
        assertThat(held.failure())
                .isInstanceOf(BlockDeviceException.class)
                .extracting(failure -> ((BlockDeviceException) failure).error())
                .isEqualTo(DeviceError.SHUTTING_DOWN);
        remote.gone().toCompletableFuture().get(20, TimeUnit.SECONDS);
        Outcome late = new Outcome();
        remote.flush(late);
        assertThat(late.failure()).isInstanceOf(BlockDeviceException.class);
        gate.open();
    }

    @Test
    void aGoodbyeEndsTheConnectionOnBothSides() throws Exception {
        RemoteDevice remote = open();
        write(remote, 0, Bytes.pattern(4096, 1), Durability.ON_FLUSH).requireSuccess();
        remote.close();
        remote.gone().toCompletableFuture().get(20, TimeUnit.SECONDS);
        TestServer.eventually(
                "the server has no connection", () -> server.server().connections() == 0);
    }

    @Test
    void anExportThatIsNotThereIsRefusedInTheServersWords() {
        assertThatThrownBy(() -> open("nothing"))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(ExportRefusedException.class)
                .hasMessageContaining("there is no export 'nothing' here");
    }

    @Test
    void nobodyThereIsSaid() throws Exception {
        InetSocketAddress nobody;
        try (java.net.ServerSocket free = new java.net.ServerSocket(0)) {
            nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), free.getLocalPort());
        }
        RemoteExport wanted = new RemoteExport(nobody, Optional.empty(), "disk");
        assertThatThrownBy(() -> disks.open(wanted).get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageContaining(wanted + " cannot be reached");
    }

    /** With TLS the server's certificate has to be right, and the name in it. */
    @Test
    void withTlsBothShowTheirCertificatesAndTheServersNameIsLookedAt(@TempDir Path folder) throws Exception {
        ReloadingTls tls = new ReloadingTls(TestCertificates.server().writeTo(folder));
        Files.copy(folder.resolve("server-cert.pem"), folder.resolve("ca-cert.pem")); // it has signed itself
        MemoryBlockDevice secret = new MemoryBlockDevice(SIZE);
        Exports exports = new FixedExports(List.of(new Export("disk", "", secret, Export.Reach.TLS_ONLY)));
        try (TestServer encrypted = new TestServer(secret, new Limits().build(), exports, TlsMode.REQUIRED, tls);
                RemoteDisks trusting = new RemoteDisks(tls::client, Duration.ofSeconds(20))) {
            InetSocketAddress address = (InetSocketAddress) encrypted.tcp();
            RemoteDevice remote = trusting.open(new RemoteExport(address, Optional.of("localhost"), "disk"))
                    .get(20, TimeUnit.SECONDS);
            write(remote, 0, Bytes.pattern(MIB, 1), Durability.ON_FLUSH).requireSuccess();
            assertThat(read(remote, 0, MIB)).isEqualTo(Bytes.pattern(MIB, 1));
            assertThatThrownBy(() -> trusting.open(new RemoteExport(address, Optional.of("elsewhere.example"), "disk"))
                            .get(20, TimeUnit.SECONDS))
                    .cause()
                    .hasMessageContaining("no TLS");
            remote.close();
            remote.gone().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }
}
