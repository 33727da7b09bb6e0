package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several threads on one image, each with sectors of its own in clusters that they share, all through one slice of
 * cached L2 table.
 *
 * <p>Turns red when the head of a new cluster is filled after another thread wrote into it, a slice is evicted while a
 * plan needs it, or two plans take the same cluster.
 */
class ConcurrencyTest {
    private static final int SECTOR = 512;
    private static final int THREADS = 6;
    private static final int OPERATIONS = 1500;
    private static final int SECTORS_EACH = 400;
    private static final long ONE_SLICE = 4096;

    private final Path folder;

    ConcurrencyTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void sectorsThatThreadsWriteSideBySideAreAllRight() {
        Seeds.forEach(3, this::run);
    }

    private void run(long seed) throws IOException, InterruptedException, ExecutionException {
        Path path = folder.resolve(seed + ".qed");
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            new NewImage(new ImageGeometry(4096, 2), 64 << 20).createIn(file, HeaderLayout.FINAL);
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Guest> guests = new ArrayList<>();
        try (PlainImage image = PlainImage.open(path, ONE_SLICE)) {
            List<Future<?>> running = new ArrayList<>();
            for (int number = 0; number < THREADS; number++) {
                Guest guest = new Guest(image, number, new Random(seed * THREADS + number));
                guests.add(guest);
                running.add(threads.submit(() -> {
                    guest.work();
                    return null;
                }));
            }
            for (Future<?> future : running) {
                future.get();
            }
            for (Guest guest : guests) {
                guest.assertAllRight(image);
            }
        } finally {
            threads.shutdown();
        }
        try (PlainImage image = PlainImage.open(path, ONE_SLICE);
                ChannelImageFile file = ChannelImageFile.open(path, FileAccess.PEEK)) {
            for (Guest guest : guests) {
                guest.assertAllRight(image);
            }
            assertThat(ImageCheck.of(file).isClean()).isTrue();
        }
    }

    /** One thread's work, and what its sectors must hold. */
    private static final class Guest {
        private final PlainImage image;
        private final int number;
        private final Random random;
        private final byte[] values = new byte[SECTORS_EACH];

        Guest(PlainImage image, int number, Random random) {
            this.image = image;
            this.number = number;
            this.random = random;
        }

        void work() throws IOException {
            for (int i = 0; i < OPERATIONS; i++) {
                int sector = random.nextInt(SECTORS_EACH);
                switch (random.nextInt(12)) {
                    case 0 -> zero(sector);
                    case 1 -> discard(sector);
                    case 2, 3, 4, 5 -> assertRight(image, sector);
                    case 6 -> maintain();
                    default -> write(sector);
                }
            }
        }

        /** Every cluster holds sectors of all threads; the clusters lie under many L2 tables. */
        private long guestOffset(int sector) {
            long cluster = (sector % 16) * 1024L + sector / 16;
            return cluster * 4096 + (long) number * SECTOR;
        }

        private void write(int sector) throws IOException {
            values[sector] = (byte) (1 + random.nextInt(255));
            image.write(guestOffset(sector), ByteBuffer.wrap(sector(values[sector])));
        }

        private void zero(int sector) throws IOException {
            values[sector] = 0;
            image.writeZeroes(guestOffset(sector), SECTOR);
        }

        /** Without a backing file, what is not zero has a cluster, and what has one becomes zeros. */
        private void discard(int sector) throws IOException {
            values[sector] = 0;
            image.discard(guestOffset(sector), SECTOR);
        }

        private void maintain() throws IOException {
            if (random.nextInt(10) == 0) {
                image.clearNeedCheck();
            } else if (random.nextInt(10) == 0) {
                image.flush();
            }
        }

        private void assertRight(PlainImage in, int sector) throws IOException {
            ByteBuffer found = ByteBuffer.allocate(SECTOR);
            in.read(guestOffset(sector), found);
            assertThat(found.array()).isEqualTo(sector(values[sector]));
        }

        void assertAllRight(PlainImage in) throws IOException {
            for (int sector = 0; sector < SECTORS_EACH; sector++) {
                assertRight(in, sector);
            }
        }

        private static byte[] sector(byte value) {
            byte[] bytes = new byte[SECTOR];
            Arrays.fill(bytes, value);
            return bytes;
        }
    }
}
