package io.qedstore.device.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.Allocation;
import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Durability;
import io.qedstore.device.Outcome;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.device.ReadReply;
import io.qedstore.device.ZeroOption;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FaultyImageFile;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Over files, and where a disk has to fail or to be cold over one in memory. */
class FileDeviceTest {
    private static final int CLUSTER = 4096;
    private static final long SIZE = 4 << 20;
    private static final NewImage SHAPE = new NewImage(new ImageGeometry(CLUSTER, 2), SIZE);

    @TempDir
    private Path folder = Path.of("");

    private Path path = Path.of("");

    @BeforeEach
    void createImage() throws IOException {
        path = folder.resolve("disk.qed");
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            SHAPE.createIn(file, HeaderLayout.FINAL);
        }
    }

    /** A disk that fails, and of which nothing is known to be in memory. */
    private static FaultyImageFile faultyImage() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        SHAPE.createIn(file, HeaderLayout.FINAL);
        return new FaultyImageFile(file);
    }

    private static FileDevice device(ImageFile file, CacheMode mode) throws IOException {
        return FileDevice.of(PlainImage.open("disk", file, null, 1 << 20), mode);
    }

    /** Gathers what a read gives, on and off the file. */
    private static final class Gathered implements ReadReply {
        private final List<byte[]> finished = new ArrayList<>();
        private final List<String> kinds = new ArrayList<>();
        private final boolean takesFiles;
        private ByteBuffer current = ByteBuffer.allocateDirect(0);

        Gathered(boolean takesFiles) {
            this.takesFiles = takesFiles;
        }

        private void finish() {
            byte[] bytes = new byte[current.capacity()];
            current.duplicate().clear().get(bytes);
            finished.add(bytes);
            current = ByteBuffer.allocateDirect(0);
        }

        @Override
        public ByteBuffer bytes(int lengthBytes) {
            finish();
            kinds.add("bytes " + lengthBytes);
            current = ByteBuffer.allocateDirect(lengthBytes);
            return current;
        }

        @Override
        public void zeroes(int lengthBytes) {
            finish();
            kinds.add("zeroes " + lengthBytes);
            finished.add(new byte[lengthBytes]);
        }

        @Override
        public boolean takesFile(int lengthBytes) {
            return takesFiles;
        }

        @Override
        public void file(FileChannel file, long fileOffset, int lengthBytes) {
            finish();
            kinds.add("file " + lengthBytes);
            ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
            try {
                while (bytes.hasRemaining() && file.read(bytes, fileOffset + bytes.position()) >= 0) {
                    Thread.onSpinWait();
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            assertThat(bytes.hasRemaining()).as("the file ends in the stretch").isFalse();
            finished.add(bytes.array());
        }

        byte[] all() {
            finish();
            ByteBuffer all = ByteBuffer.allocate(
                    finished.stream().mapToInt(bytes -> bytes.length).sum());
            finished.forEach(all::put);
            return all.array();
        }
    }

    private static byte[] read(FileDevice device, long offset, int length) throws IOException {
        Gathered reply = new Gathered(false);
        assertThat(device.read(offset, length, reply, Patience.WAIT)).isTrue();
        return reply.all();
    }

    private static void write(FileDevice device, long offset, byte[] data) throws IOException {
        Outcome outcome = new Outcome();
        device.write(offset, Payload.of(ByteBuffer.wrap(data)), Durability.ON_FLUSH, Patience.WAIT, outcome);
        outcome.requireSuccess();
    }

    private static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void requestsDoWhatTheySayAndTheFileKeepsIt(CacheMode mode) throws IOException {
        byte[] model = new byte[(int) SIZE];
        try (FileDevice device = FileDevice.open(path, mode)) {
            assertThat(device.sizeBytes()).isEqualTo(SIZE);
            assertThat(device.preferredBlockBytes()).isEqualTo(CLUSTER);
            Random random = new Random(1);
            for (int i = 0; i < 300; i++) {
                int offset = random.nextInt((int) SIZE - 50_000);
                int length = 1 + random.nextInt(50_000);
                Outcome outcome = new Outcome();
                switch (random.nextInt(4)) {
                    case 0 -> {
                        device.writeZeroes(offset, length, Set.of(), Durability.ON_FLUSH, outcome);
                        Arrays.fill(model, offset, offset + length, (byte) 0);
                    }
                    case 1 -> {
                        device.writeZeroes(offset, length, Set.of(ZeroOption.NO_HOLE), Durability.ON_FLUSH, outcome);
                        Arrays.fill(model, offset, offset + length, (byte) 0);
                    }
                    default -> {
                        byte[] data = pattern(length, i);
                        System.arraycopy(data, 0, model, offset, length);
                        Payload source = Payload.of(ByteBuffer.wrap(data));
                        if (!device.write(offset, source, Durability.ON_FLUSH, Patience.NOW, outcome)) {
                            device.write(
                                    offset,
                                    Payload.of(ByteBuffer.wrap(data)),
                                    Durability.ON_COMPLETION,
                                    Patience.WAIT,
                                    outcome);
                        }
                    }
                }
                outcome.requireSuccess();
                int from = random.nextInt((int) SIZE - 10_000);
                assertThat(read(device, from, 10_000)).isEqualTo(Arrays.copyOfRange(model, from, from + 10_000));
            }
        }
        try (FileDevice again = FileDevice.openReadOnly(path)) {
            assertThat(read(again, 0, (int) SIZE)).isEqualTo(model);
            assertThat(again.isReadOnly()).isTrue();
        }
    }

    @Test
    void whatIsInMemoryIsReadAtOnceAndSentFromTheFileWhereThatIsWanted() throws IOException {
        byte[] data = pattern(40_000, 3);
        try (FileDevice device = FileDevice.open(path, CacheMode.WRITEBACK)) {
            write(device, 8192, data);
            read(device, 0, 512); // brings the table
            for (boolean files : new boolean[] {false, true}) {
                Gathered reply = new Gathered(files);
                assertThat(device.read(4096, 4096 + 40_000, reply, Patience.NOW))
                        .isTrue();
                byte[] all = reply.all();
                assertThat(Arrays.copyOf(all, 4096)).containsOnly(0);
                assertThat(Arrays.copyOfRange(all, 4096, all.length)).isEqualTo(data);
                assertThat(reply.kinds.get(0)).isEqualTo("zeroes 4096");
                assertThat(reply.kinds.subList(1, reply.kinds.size()))
                        .allMatch(kind -> kind.startsWith(files ? "file" : "bytes"));
            }
        }
    }

    @Test
    void aReadThatMustNotWaitGivesUpWhereADiskWouldBeAsked() throws IOException {
        // Deliberate bug: a lookup or a read of the file although it is not known to be in memory.
        FaultyImageFile file = faultyImage();
        try (FileDevice writer = device(file, CacheMode.WRITEBACK)) {
            write(writer, 0, pattern(4096, 1));
            read(writer, 8192, 512);
            file.failReads(true);
            assertThat(writer.read(0, 512, new Gathered(true), Patience.NOW)).isFalse();
            assertThat(writer.read(0, 512, new Gathered(false), Patience.NOW)).isFalse();
            assertThat(writer.read(8192, 512, new Gathered(false), Patience.NOW))
                    .as("a hole whose table is in memory")
                    .isTrue();
            assertThatThrownBy(() -> writer.read(0, 512, new Gathered(false), Patience.WAIT))
                    .isInstanceOf(IOException.class);
            file.failReads(false);
        }
        try (FileDevice cold = device(file, CacheMode.WRITEBACK)) {
            file.failReads(true);
            assertThat(cold.read(0, 512, new Gathered(false), Patience.NOW))
                    .as("its table is not in memory")
                    .isFalse();
            file.failReads(false);
        }
    }

    @Test
    void aWriteThatMustNotWaitDoesNotSync() throws IOException {
        FaultyImageFile file = faultyImage();
        try (FileDevice through = device(file, CacheMode.WRITETHROUGH)) {
            write(through, 0, pattern(4096, 1));
            long calls = file.calls();
            Payload data = Payload.of(ByteBuffer.wrap(pattern(512, 2)));
            assertThat(through.write(0, data, Durability.ON_FLUSH, Patience.NOW, new Outcome()))
                    .isFalse();
            assertThat(file.calls()).isEqualTo(calls);
        }
    }

    @Test
    void writethroughAndForcedUnitAccessSyncBeforeTheyCompleteAndWritebackDoesNot() throws IOException {
        // Deliberate bug: a write completes before its sync, or without.
        for (CacheMode mode : CacheMode.values()) {
            for (Durability durability : Durability.values()) {
                FaultyImageFile file = faultyImage();
                try (FileDevice device = device(file, mode)) {
                    write(device, 0, pattern(4096, 1)); // from here on writes in place
                    boolean syncs = mode == CacheMode.WRITETHROUGH || durability == Durability.ON_COMPLETION;
                    file.failAfter(1, FaultyImageFile.Done.NOTHING); // the write passes, what follows it fails
                    Outcome outcome = new Outcome();
                    device.write(0, Payload.of(ByteBuffer.wrap(pattern(512, 2))), durability, Patience.WAIT, outcome);
                    if (syncs) {
                        assertThat(outcome.failure()).isInstanceOf(BlockDeviceException.class);
                    } else {
                        outcome.requireSuccess();
                    }
                } catch (IOException e) {
                    assertThat(e).hasMessageMatching("(an earlier flush|injected failure).*"); // closing flushes too
                }
            }
        }
    }

    @Test
    void aFlushThatFailedFailsUntilTheDeviceIsOpenedAgain() throws IOException {
        // Deliberate bug: the second sync is believed, although the system has dropped what the first did not write.
        FaultyImageFile file = faultyImage();
        FileDevice device = device(file, CacheMode.WRITEBACK);
        write(device, 0, pattern(4096, 1));
        file.failAfter(0, FaultyImageFile.Done.NOTHING);
        for (int i = 0; i < 3; i++) {
            Outcome flush = new Outcome();
            device.flush(flush);
            assertThat(flush.failure()).isInstanceOf(BlockDeviceException.class);
            Outcome forced = new Outcome();
            device.write(
                    0, Payload.of(ByteBuffer.wrap(pattern(512, i))), Durability.ON_COMPLETION, Patience.WAIT, forced);
            assertThat(forced.failure()).isInstanceOf(BlockDeviceException.class);
            Outcome trim = new Outcome();
            device.trim(0, 4096, Durability.ON_COMPLETION, trim);
            assertThat(trim.failure()).isInstanceOf(BlockDeviceException.class);
        }
        assertThatThrownBy(device::close).isInstanceOf(IOException.class);
        try (FileDevice again = device(file, CacheMode.WRITEBACK)) {
            Outcome flush = new Outcome();
            again.flush(flush);
            flush.requireSuccess();
        }
    }

    @Test
    void aFailureOfTheDiskIsToldAsWhatItIs() throws IOException {
        FaultyImageFile file = faultyImage();
        try (FileDevice device = device(file, CacheMode.WRITEBACK)) {
            file.failAfter(0, FaultyImageFile.Done.NOTHING);
            Outcome outcome = new Outcome();
            device.write(0, Payload.of(ByteBuffer.wrap(pattern(4096, 1))), Durability.ON_FLUSH, Patience.WAIT, outcome);
            assertThat(outcome.failure()).isInstanceOfSatisfying(BlockDeviceException.class, e -> assertThat(e.error())
                    .isEqualTo(DeviceError.IO));
        }
    }

    // ---- zeros, trims, status

    @Test
    void fastZeroingIsRefusedWhereItIsNotFastAndLeavesTheContent() throws IOException {
        try (FileDevice device = FileDevice.open(path, CacheMode.WRITEBACK)) {
            byte[] data = pattern(6 * CLUSTER, 1);
            write(device, 0, data);
            for (long[] range : new long[][] {{0, CLUSTER - 1}, {1, CLUSTER}, {CLUSTER - 1, 2}, {5, 2 * CLUSTER - 6}}) {
                Outcome refused = new Outcome();
                device.writeZeroes(range[0], range[1], Set.of(ZeroOption.FAST_ZERO), Durability.ON_FLUSH, refused);
                assertThat(refused.failure())
                        .isInstanceOfSatisfying(BlockDeviceException.class, e -> assertThat(e.error())
                                .isEqualTo(DeviceError.NOT_SUPPORTED));
            }
            assertThat(read(device, 0, data.length)).isEqualTo(data);
            Outcome taken = new Outcome();
            device.writeZeroes(5, 2 * CLUSTER - 5, Set.of(ZeroOption.FAST_ZERO), Durability.ON_FLUSH, taken);
            taken.requireSuccess();
            Arrays.fill(data, 5, 2 * CLUSTER, (byte) 0);
            assertThat(read(device, 0, data.length)).isEqualTo(data);
        }
    }

    private record Extent(long lengthBytes, Allocation allocation, int depth) {}

    private static List<Extent> status(FileDevice device, long offset, long length) throws IOException {
        List<Extent> extents = new ArrayList<>();
        device.blockStatus(offset, length, (bytes, allocation, depth) -> {
            int last = extents.size() - 1;
            if (last >= 0
                    && extents.get(last).allocation() == allocation
                    && extents.get(last).depth() == depth) {
                extents.set(last, new Extent(extents.get(last).lengthBytes() + bytes, allocation, depth));
            } else {
                extents.add(new Extent(bytes, allocation, depth));
            }
            return true;
        });
        return extents;
    }

    @Test
    void statusTellsHolesFromDataAndCoversWhatWasAsked() throws IOException {
        try (FileDevice device = FileDevice.open(path, CacheMode.WRITEBACK)) {
            write(device, 2 * CLUSTER, pattern(3 * CLUSTER, 1));
            assertThat(status(device, 100, 10 * CLUSTER))
                    .containsExactly(
                            new Extent(2 * CLUSTER - 100, Allocation.HOLE, 0),
                            new Extent(3 * CLUSTER, Allocation.DATA, 1),
                            new Extent(5 * CLUSTER + 100, Allocation.HOLE, 0));
            assertThat(status(device, 0, SIZE).stream()
                            .mapToLong(Extent::lengthBytes)
                            .sum())
                    .isEqualTo(SIZE);
            device.cache(0, SIZE);
        }
    }

    @Test
    void whatWasTrimmedReadsAsZeros() throws IOException {
        byte[] data = pattern(6 * CLUSTER, 1);
        try (FileDevice device = FileDevice.open(path, CacheMode.WRITEBACK)) {
            write(device, 0, data);
            Outcome trim = new Outcome();
            device.trim(100, 4 * CLUSTER, Durability.ON_COMPLETION, trim);
            trim.requireSuccess();
            Arrays.fill(data, 100, 100 + 4 * CLUSTER, (byte) 0);
            assertThat(read(device, 0, data.length)).isEqualTo(data);
        }
    }

    @Test
    void aDeviceThatOnlyReadsRefusesChanges() throws IOException {
        try (FileDevice device = FileDevice.openReadOnly(path)) {
            for (Durability durability : Durability.values()) {
                Outcome write = new Outcome();
                device.write(0, Payload.of(ByteBuffer.allocate(512)), durability, Patience.WAIT, write);
                Outcome trim = new Outcome();
                device.trim(0, 512, durability, trim);
                for (Outcome outcome : List.of(write, trim)) {
                    assertThat(outcome.failure())
                            .isInstanceOfSatisfying(BlockDeviceException.class, e -> assertThat(e.error())
                                    .isEqualTo(DeviceError.READ_ONLY));
                }
            }
            Outcome flush = new Outcome();
            device.flush(flush);
            flush.requireSuccess();
            device.tick();
        }
    }
}
