package io.qedstore.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.content.BlockDigest;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import io.qedstore.rebuild.WrittenLog;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeedingTest {
    private static final int SEEDS = 200;
    private static final int OPERATIONS = 30;

    private static FoldedFile follow(MemoryImageFile file, InMemoryProgress progress, FoldState from, FoldState ceiling)
            throws IOException {
        return new FoldedFile(file, progress, from, ceiling, 1 << 20, Runnable::run, new FoldedFile.Listener() {
            @Override
            public void applied(Sequence upTo) {}

            @Override
            public void failed(IOException cause) {
                throw new AssertionError(cause);
            }
        });
    }

    /** Another node's file, which goes on being written, and connections to it that break. */
    private static final class Other {
        final WrittenLog log;
        final Random random;
        final FoldedFile followed;
        private int next;

        Other(WrittenLog log, Random random) throws IOException {
            this.log = log;
            this.random = random;
            this.followed = follow(new MemoryImageFile(), new InMemoryProgress(), log.start, log.start);
            goOn(1 + random.nextInt(log.events.size()));
        }

        void goOn(int more) {
            for (int i = 0; i < more && next < log.events.size(); i++) {
                WrittenLog.Entry entry = log.events.get(next++);
                followed.folded(entry.event(), entry.after());
            }
        }

        InputStream open(long from, long maxDataBytes) throws IOException {
            InputStream sent = new SentCopy(followed, from, maxDataBytes);
            int breaksAfter = random.nextInt(3) == 0 ? random.nextInt(200_000) : Integer.MAX_VALUE;
            return new InputStream() {
                private int passed;

                @Override
                public int read() throws IOException {
                    throw new IOException("reads are of many bytes");
                }

                @Override
                public int read(byte[] target, int at, int length) throws IOException {
                    if (passed >= breaksAfter) {
                        throw new IOException("connection reset");
                    }
                    goOn(random.nextInt(2));
                    int count = sent.read(target, at, Math.min(length, 1 + random.nextInt(50_000)));
                    goOn(random.nextInt(2));
                    passed += Math.max(0, count);
                    return count;
                }
            };
        }
    }

    /**
     * Deliberate bugs: the place is that of the last part alone; what an attempt has left behind stays; the file's end is not set.
     */
    @Test
    void aCopyOfAFileThatIsWrittenMeanwhileIsThatFileOnceTheRestIsApplied() {
        Seeds.forEach(SEEDS, seed -> {
            Random random = new Random(seed);
            WrittenLog log = new WrittenLog(random, OPERATIONS);
            Other other = new Other(log, random);
            InMemoryProgress progress = new InMemoryProgress();
            MemoryImageFile file = new MemoryImageFile();
            long partBytes = 1L + random.nextInt(100_000);
            for (boolean whole = false; !whole; ) {
                Seeding seeding = new Seeding(log.start, progress, file, partBytes);
                try {
                    while (!whole) {
                        whole = seeding.step((from, max) -> buffered(other.open(from, max)), bytes -> {});
                    }
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("connection reset");
                }
            }
            assertThat(progress.seed(log.start.image())).isEmpty();
            FoldState from = progress.synced(log.start.image()).orElseThrow();
            FoldState to = progress.ceiling(log.start.image()).orElseThrow();
            FoldedFile copy = follow(file, progress, from, to);
            for (WrittenLog.Entry entry :
                    log.events.subList((int) from.sequence().value(), log.events.size())) {
                copy.folded(entry.event(), entry.after());
            }
            MemoryImageFile expected = log.fileBehind(log.events.size());
            assertThat(file.length()).isEqualTo(expected.length());
            assertThat(WrittenLog.bytes(file)).isEqualTo(WrittenLog.bytes(expected));
            other.goOn(Integer.MAX_VALUE);
            assertThat(copy.contentRecord().last())
                    .isEqualTo(other.followed.contentRecord().last());
        });
    }

    /** As HTTP clients do. */
    private static InputStream buffered(InputStream stream) {
        return new BufferedInputStream(stream, 8192);
    }

    @Test
    void oneBlockCanBeAskedFor() throws IOException {
        WrittenLog log = new WrittenLog(new Random(3), OPERATIONS);
        Other other = new Other(log, new Random(3));
        other.goOn(Integer.MAX_VALUE);
        MemoryImageFile file = log.fileBehind(log.events.size());
        for (long block = 0; block * BlockDigest.BLOCK_BYTES < file.length(); block++) {
            ByteBuffer expected = ByteBuffer.allocate(BlockDigest.BLOCK_BYTES);
            file.read(block * BlockDigest.BLOCK_BYTES, expected);
            long at = block * BlockDigest.BLOCK_BYTES;
            assertThat(new ReceivedCopy(new SentCopy(other.followed, at, 1), at).readBlock())
                    .isEqualTo(expected.array());
        }
    }

    /** Whatever comes: an error, little memory, and nothing that never ends. */
    @Test
    void whatIsNoCopyIsRefused() throws IOException {
        WrittenLog log = new WrittenLog(new Random(5), OPERATIONS);
        Other other = new Other(log, new Random(5));
        byte[] good = new SentCopy(other.followed, 0, 1 << 20).readAllBytes();
        Random random = new Random(6);
        for (int i = 0; i < 2000; i++) {
            byte[] bad = good.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bad[random.nextInt(random.nextBoolean() ? 200 : bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            byte[] sent = random.nextInt(4) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad;
            MemoryImageFile file = new MemoryImageFile();
            Seeding seeding = new Seeding(log.start, new InMemoryProgress(), file, 1 << 20);
            try {
                seeding.step((from, max) -> new ByteArrayInputStream(sent), bytes -> {});
            } catch (IOException | IllegalArgumentException expected) {
                assertThat(seeding.seed()).isEmpty();
            }
        }
        assertThatThrownBy(() -> new ReceivedCopy(new ByteArrayInputStream(new byte[20]), 0))
                .hasMessageContaining("the other node runs another version");
    }
}
