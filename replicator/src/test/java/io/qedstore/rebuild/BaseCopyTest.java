package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.content.BlockSums;
import io.qedstore.content.KnownBlocks;
import io.qedstore.content.Mender;
import io.qedstore.content.SummedFile;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.fold.ProgressStore;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.file.SparseCopy;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A copy of a file that goes on changing is the file behind one event, whole.
 *
 * <p>Turns red when the copy's place is taken before its last byte is read, or when what a crash has left in the file counts for
 * nothing.
 */
class BaseCopyTest {
    private static final int SEEDS = 300;
    private static final int OPERATIONS = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final ProgressStore.Stored STORED = new ProgressStore.Stored() {
        @Override
        public void stored() {}

        @Override
        public void failed(IOException cause) {
            throw new AssertionError(cause);
        }
    };

    @Test
    void aCopyOfAFileThatIsWrittenMeanwhileIsTheFileBehindOneEvent() {
        Seeds.forEach(SEEDS, seed -> {
            Random random = new Random(seed);
            WrittenLog log = new WrittenLog(random, OPERATIONS);
            int before = random.nextInt(log.events.size() + 1);
            copyAndCompare(log, new Followed(log, log.fileBehind(before), before, before), random);
        });
    }

    /** It holds parts of events that are applied again only later. */
    @Test
    void aCopyOfAFileThatACrashHasLeftInTheMiddleIsTheFileBehindOneEvent() {
        Seeds.forEach(SEEDS, seed -> {
            Random random = new Random(seed);
            WrittenLog log = new WrittenLog(random, OPERATIONS);
            int synced = random.nextInt(log.events.size() + 1);
            int ceiling = synced + random.nextInt(log.events.size() + 1 - synced);
            MemoryImageFile mixture = log.fileBehind(synced);
            for (int i = synced; i < ceiling; i++) {
                if (random.nextBoolean()) {
                    log.events.get(i).applyTo(mixture);
                }
            }
            copyAndCompare(log, new Followed(log, mixture, synced, ceiling), random);
        });
    }

    private static void copyAndCompare(WrittenLog log, Followed followed, Random random) throws IOException {
        MemoryImageFile target = new MemoryImageFile();
        FoldState at = BaseCopy.copy(followed.folded, followed.busyView(random), log, target, PATIENCE, bytes -> {});
        MemoryImageFile expected = log.fileBehind(at.sequence().value());
        assertThat(target.length()).isEqualTo(expected.length());
        assertThat(WrittenLog.bytes(target)).isEqualTo(WrittenLog.bytes(expected));
        assertThat(at).isEqualTo(log.behind((int) at.sequence().value()));
    }

    /** A file that follows the log, as far as it is told. */
    private static final class Followed {
        final WrittenLog log;
        final MemoryImageFile file;
        final FoldedFile folded;
        private int next;

        Followed(WrittenLog log, MemoryImageFile file, int synced, int ceiling) throws IOException {
            this.log = log;
            this.file = file;
            this.next = synced;
            InMemoryProgress progress = new InMemoryProgress();
            BlockSums sums = progress.sums(log.start.image());
            KnownBlocks blocks = new KnownBlocks(new MemoryImageFile(), sums, DigestAlgorithm.XXH3_128, Mender.NONE);
            SparseCopy.copy(file, new SummedFile(blocks, () -> true));
            progress.storeSynced(log.behind(synced), sums.take(), STORED);
            this.folded = new FoldedFile(
                    file,
                    progress,
                    log.behind(synced),
                    log.behind(ceiling),
                    1 << 20,
                    Runnable::run,
                    new FoldedFile.Listener() {
                        @Override
                        public void applied(Sequence upTo) {}

                        @Override
                        public void failed(IOException cause) {
                            throw new AssertionError(cause);
                        }
                    });
        }

        void goOn(Random random) {
            for (int more = random.nextInt(3); more > 0 && next < log.events.size(); more--) {
                WrittenLog.Entry entry = log.events.get(next++);
                folded.folded(entry.event(), entry.after());
            }
        }

        /** The file, which changes before and after whatever is asked. */
        FileView busyView(Random random) {
            return new FileView() {
                @Override
                public void read(long fileOffset, ByteBuffer target) throws IOException {
                    goOn(random);
                    file.read(fileOffset, target);
                    goOn(random);
                }

                @Override
                public long length() {
                    goOn(random);
                    long length = file.length();
                    goOn(random);
                    return length;
                }

                @Override
                public long nextData(long fileOffset) throws IOException {
                    goOn(random);
                    long found = file.nextData(fileOffset);
                    goOn(random);
                    return found;
                }

                @Override
                public long nextHole(long fileOffset) throws IOException {
                    goOn(random);
                    long found = file.nextHole(fileOffset);
                    goOn(random);
                    return found;
                }
            };
        }
    }
}
