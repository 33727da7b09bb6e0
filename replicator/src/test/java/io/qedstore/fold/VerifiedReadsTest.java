package io.qedstore.fold;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.content.BadBlockException;
import io.qedstore.content.BlockDigest;
import io.qedstore.content.Mender;
import io.qedstore.content.Scrub;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Epoch;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.NodeId;
import io.qedstore.event.Records;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is read of a followed file is right, also where something else has changed it. */
class VerifiedReadsTest {
    private static final TopicId TOPIC = new TopicId(new UUID(1, 1));
    private static final FoldState START = FoldState.start(Records.IMAGE, Records.LINEAGE, TOPIC);
    private static final int BLOCKS = 64;

    private final MemoryImageFile disk = new MemoryImageFile();
    private final MemoryImageFile undamaged = new MemoryImageFile();
    private final Map<Digest, byte[]> ever = new ConcurrentHashMap<>();
    private final List<IOException> failures = new ArrayList<>();

    private FoldedFile follow(MemoryImageFile on, Mender mender) throws IOException {
        return new FoldedFile(
                on, new InMemoryProgress(), START, START, mender, 1 << 20, Runnable::run, new FoldedFile.Listener() {
                    @Override
                    public void applied(Sequence upTo) {}

                    @Override
                    public void failed(IOException cause) {
                        failures.add(cause);
                    }
                });
    }

    private final Mender twin = (block, wanted) -> {
        byte[] bytes = new byte[BLOCK_BYTES];
        undamaged.read(block * BLOCK_BYTES, ByteBuffer.wrap(bytes));
        return Optional.of(bytes);
    };

    private static FoldState after(long sequence) {
        return new FoldState(
                Records.IMAGE,
                Records.LINEAGE,
                TOPIC,
                new LogPosition(sequence + 1, OptionalInt.of(0)),
                new Sequence(sequence),
                new Digest(0, sequence),
                sequence,
                new Ownership(
                        new Epoch(1),
                        EpochStatus.OPEN,
                        Optional.of(new NodeId("node-1")),
                        new UUID(1, 1),
                        Duration.ofSeconds(30),
                        Duration.ZERO),
                sequence,
                Optional.of(DigestAlgorithm.XXH3_128));
    }

    /** Some blocks, each filled with one number. */
    private static Event event(long sequence, Random random) {
        int count = 1 + random.nextInt(4);
        byte[] bytes = new byte[count * BLOCK_BYTES];
        for (int i = 0; i < count; i++) {
            Arrays.fill(bytes, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES, (byte) (1 + random.nextInt(100)));
        }
        long at = random.nextInt(BLOCKS - count);
        return Records.event(
                1, sequence, Digest.NONE, new QedChange.DataWritten(at * BLOCK_BYTES, ByteBuffer.wrap(bytes)));
    }

    private void flip(Random random) throws IOException {
        long at = random.nextInt((int) disk.length());
        ByteBuffer one = ByteBuffer.allocate(1);
        disk.read(at, one);
        disk.write(at, ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ (1 << random.nextInt(8)))}));
    }

    /** Deliberate bugs: what differs is answered; what is being changed just now counts as damaged. */
    @Test
    void damageIsRestoredAndNeverRead() throws IOException {
        Random random = new Random(7);
        FoldedFile file = follow(disk, twin);
        FoldedFile other = follow(undamaged, Mender.NONE);
        FileView view = file.verified();
        for (long sequence = 1; sequence <= 300; sequence++) {
            Event event = event(sequence, random);
            file.folded(event, after(sequence));
            other.folded(event, after(sequence));
            flip(random);
            flip(random);
            long from = random.nextInt((int) undamaged.length());
            int length = 1 + random.nextInt(5 * BLOCK_BYTES);
            ByteBuffer found = ByteBuffer.allocate(length);
            ByteBuffer expected = ByteBuffer.allocate(length);
            view.read(from, found);
            undamaged.read(from, expected);
            assertThat(found.array()).isEqualTo(expected.array());
        }
        assertThat(failures).isEmpty();
        List<Long> bad = new ArrayList<>();
        Scrub scrub = new Scrub(file.blocks().orElseThrow());
        while (file.scrub(scrub, bad::add) >= 0) {
            assertThat(bad).hasSizeLessThanOrEqualTo(BLOCKS);
        }
        assertThat(bad).isNotEmpty();
        for (long block : bad) {
            assertThat(file.settle(block)).isTrue();
            assertThat(file.settle(block)).isFalse();
        }
        assertThat(disk).usingRecursiveComparison().isEqualTo(undamaged);
    }

    @Test
    void whatNobodyCanRestoreIsNotRead() throws IOException {
        FoldedFile file = follow(disk, Mender.NONE);
        file.folded(event(1, new Random(1)), after(1));
        disk.write(disk.length() - 1, ByteBuffer.wrap(new byte[] {0}));
        assertThatThrownBy(() -> file.verified().read(disk.length() - 10, ByteBuffer.allocate(10)))
                .isInstanceOf(BadBlockException.class);
        ByteBuffer liar = ByteBuffer.allocate(10);
        FoldedFile lied = follow(new MemoryImageFile(), (block, wanted) -> Optional.of(new byte[BLOCK_BYTES]));
        lied.folded(event(1, new Random(1)), after(1));
        assertThat(lied.blocks()).isPresent();
        lied.verified().read(0, liar);
    }

    /** As a log does. */
    private Event remembered(Event event) {
        QedChange.DataWritten written =
                (QedChange.DataWritten) event.body().changes().get(0);
        ByteBuffer data = written.data();
        for (int at = 0; at < data.remaining(); at += BLOCK_BYTES) {
            byte[] block = new byte[BLOCK_BYTES];
            data.get(data.position() + at, block);
            long number = (written.fileOffset() + at) / BLOCK_BYTES;
            ever.put(BlockDigest.of(DigestAlgorithm.XXH3_128, number, ByteBuffer.wrap(block)), block);
        }
        return event;
    }

    /** Events come all the time, damage too; each block that is read is as one event has left it. */
    @Test
    void readsAndEventsAndDamageMeet() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger reads = new AtomicInteger();
        FoldedFile file = follow(disk, (block, wanted) -> Optional.ofNullable(ever.get(wanted)));
        try {
            file.folded(remembered(event(1, new Random(1))), after(1));
            Future<?> reader = threads.submit(() -> {
                Random random = new Random(2);
                FileView view = file.verified();
                while (!over.get()) {
                    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
                    view.read((long) random.nextInt(BLOCKS) * BLOCK_BYTES, block);
                    for (byte each : block.array()) {
                        assertThat(each).isEqualTo(block.get(0));
                    }
                    reads.incrementAndGet();
                }
                return null;
            });
            Random random = new Random(1);
            for (long sequence = 2; sequence <= 3000 || reads.get() < 1000; sequence++) {
                file.folded(remembered(event(sequence, random)), after(sequence));
                if (reader.isDone()) {
                    break;
                }
                if (sequence % 10 == 0) {
                    flip(random);
                }
            }
            over.set(true);
            reader.get(60, TimeUnit.SECONDS);
            assertThat(failures).isEmpty();
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }
}
