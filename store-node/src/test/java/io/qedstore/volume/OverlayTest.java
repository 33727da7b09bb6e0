package io.qedstore.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.change.EntryRun;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.change.QedChange.DataWritten;
import io.qedstore.qed.change.QedChange.L2EntriesSet;
import io.qedstore.qed.change.QedChange.L2TableWritten;
import io.qedstore.qed.change.QedChange.RangeZeroed;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What is shown over a file is the file as it will be. */
class OverlayTest {
    private static final int SPACE = 64 << 10;

    private final MemoryImageFile file = new MemoryImageFile();
    private final Overlay overlay = new Overlay(file);

    private static ByteBuffer bytes(int length, int value) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        for (int i = 0; i < length; i++) {
            bytes.put(i, (byte) (value + i));
        }
        return bytes;
    }

    private static byte[] content(Overlay of) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) of.length());
        of.read(0, all);
        return all.array();
    }

    private static byte[] content(MemoryImageFile of) {
        ByteBuffer all = ByteBuffer.allocate((int) of.length());
        of.read(0, all);
        return all.array();
    }

    private static QedChange any(Random random) {
        long at = random.nextInt(SPACE);
        return switch (random.nextInt(6)) {
            case 0 -> new RangeZeroed(at, random.nextInt(5000));
            case 1 -> new L2EntriesSet(at, new EntryRun(1 + random.nextInt(600), random.nextInt(1 << 20), 4096));
            case 2 ->
                new L2TableWritten(at, 4096, random.nextInt(400), new EntryRun(100, random.nextInt(1 << 20), 4096));
            default -> new DataWritten(at, bytes(1 + random.nextInt(5000), random.nextInt()));
        };
    }

    /** Deliberate bugs: the rest of a piece that was cut is lost; a dropped event takes a newer one's piece with it. */
    @Test
    void itShowsTheFileAsItWillBeWhateverIsAppliedAlready() {
        Seeds.forEach(300, seed -> {
            Random random = new Random(seed);
            MemoryImageFile below = new MemoryImageFile();
            MemoryImageFile model = new MemoryImageFile();
            Overlay over = new Overlay(below);
            Deque<List<QedChange>> waiting = new ArrayDeque<>();
            long planned = 0;
            long applied = 0;
            for (int step = 0; step < 60; step++) {
                if (random.nextInt(3) > 0 || waiting.isEmpty()) {
                    List<QedChange> changes = List.of(any(random), any(random));
                    over.add(++planned, changes);
                    waiting.add(changes);
                    for (QedChange change : changes) {
                        change.applyTo(model);
                    }
                } else {
                    for (int i = 1 + random.nextInt(waiting.size()); i > 0; i--) {
                        for (QedChange change : waiting.remove()) {
                            change.applyTo(below);
                        }
                        applied++;
                    }
                    if (random.nextInt(4) > 0) { // it may be told of it later
                        over.drop(applied);
                    }
                }
                assertThat(content(over)).isEqualTo(content(model));
                int from = random.nextInt(SPACE);
                ByteBuffer some = ByteBuffer.allocate(1 + random.nextInt(3000));
                ByteBuffer expected = ByteBuffer.allocate(some.capacity());
                over.read(from, some);
                model.read(from, expected);
                assertThat(some.array()).isEqualTo(expected.array());
            }
            over.drop(planned);
            assertThat(content(over)).isEqualTo(content(below));
        });
    }

    @Test
    void itKeepsTheCallersBytesAndCopiesNone() throws IOException {
        ByteBuffer data = bytes(100, 1);
        overlay.add(1, List.of(new DataWritten(10, data)));
        data.put(5, (byte) 77);
        assertThat(content(overlay)[15]).isEqualTo((byte) 77);
        assertThat(data.position()).isZero();
    }

    /** Deliberate bug: neighbouring pieces of a long run of entries share one buffer that is filled again. */
    @Test
    void aLongRunOfEntriesIsShownAsItWillBe() throws IOException {
        L2EntriesSet run = new L2EntriesSet(0, new EntryRun(3 * QedChange.MAX_ENTRIES_PER_WRITE, 1 << 16, 1 << 16));
        overlay.add(1, List.of(run));
        run.applyTo(file);
        assertThat(content(overlay)).isEqualTo(content(file));
    }

    @Test
    void aRangeUnderChangesIsNotSentFromTheFile() throws IOException {
        file.write(0, bytes(8192, 1));
        overlay.add(1, List.of(new DataWritten(4096, bytes(10, 1))));
        assertThat(overlay.isCached(4090, 10)).isFalse();
        assertThat(overlay.isCached(4000, 1000)).isFalse();
        assertThat(overlay.isCached(4106, 10)).isEqualTo(file.isCached(4106, 10));
        overlay.drop(1);
        assertThat(overlay.isCached(4000, 1000)).isEqualTo(file.isCached(4000, 1000));
    }

    /** Deliberate bug: an event is dropped before it is in the file. */
    @Test
    void readersSeeNoMomentWithoutAWriteThatWasThere() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<AssertionError> wrong = new AtomicReference<>();
        file.write(0, bytes(512, 0));
        Thread reader = new Thread(() -> {
            long last = 0;
            while (!done.get()) {
                ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
                try {
                    overlay.read(0, number);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                long found = number.getLong(0);
                if (found < last) {
                    wrong.set(new AssertionError("read " + found + " behind " + last));
                    return;
                }
                last = found;
            }
        });
        file.write(0, ByteBuffer.allocate(Long.BYTES));
        reader.start();
        for (long sequence = 1; sequence <= 20_000; sequence++) {
            DataWritten change =
                    new DataWritten(0, ByteBuffer.allocate(Long.BYTES).putLong(0, sequence));
            overlay.add(sequence, List.of(change));
            if (sequence > 2) {
                new DataWritten(0, ByteBuffer.allocate(Long.BYTES).putLong(0, sequence - 2)).applyTo(file);
                overlay.drop(sequence - 2);
            }
        }
        done.set(true);
        reader.join(60_000);
        assertThat(wrong.get()).isNull();
    }
}
