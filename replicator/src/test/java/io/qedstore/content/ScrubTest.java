package io.qedstore.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ScrubTest {
    private static final int BLOCK = BlockDigest.BLOCK_BYTES;
    private static final int BLOCKS = 2000;

    private final MemoryImageFile bytes = new MemoryImageFile();
    private final StoredSums stored = new StoredSums();
    private final BlockSums sums = stored.open();
    private final KnownBlocks blocks = new KnownBlocks(bytes, sums, DigestAlgorithm.XXH3_128, Mender.NONE);
    private final SummedFile file = new SummedFile(blocks, () -> true);

    private List<Long> bad() throws IOException {
        List<Long> bad = new ArrayList<>();
        Scrub scrub = new Scrub(blocks);
        int steps = 0;
        while (scrub.step(bad::add) >= 0) {
            assertThat(++steps).isLessThan(BLOCKS);
        }
        return bad;
    }

    private void fill(Random random) throws IOException {
        for (int i = 0; i < 20; i++) {
            byte[] data = new byte[1 + random.nextInt(20 * BLOCK)];
            random.nextBytes(data);
            file.write((long) random.nextInt(BLOCKS) * BLOCK + random.nextInt(BLOCK), ByteBuffer.wrap(data));
            if (random.nextInt(5) == 0) {
                stored.store(sums.take());
            }
        }
        file.zero((long) random.nextInt(BLOCKS) * BLOCK, 50L * BLOCK);
    }

    /** Deliberate bugs: holes are not looked at, or what should be there behind the file's end. */
    @Test
    void everyBlockThatSomebodyElseChangedIsFoundAndNoOther() throws IOException {
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            fill(random);
            assertThat(bad()).as("seed %d, untouched", seed).isEmpty();
            TreeSet<Long> spoiled = new TreeSet<>();
            for (int i = 0; i < 5; i++) {
                long at = random.nextInt((int) bytes.length());
                if (spoiled.add(at / BLOCK)) {
                    ByteBuffer one = ByteBuffer.allocate(1);
                    bytes.read(at, one);
                    bytes.write(at, ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ (1 << random.nextInt(8)))}));
                }
            }
            assertThat(bad()).as("seed %d", seed).containsExactlyElementsOf(spoiled);
            for (long block : spoiled) { // mended by what overwrites them
                byte[] data = new byte[BLOCK];
                random.nextBytes(data);
                file.write(block * BLOCK, ByteBuffer.wrap(data));
            }
            assertThat(bad()).as("seed %d, overwritten", seed).isEmpty();
        }
    }

    @Test
    void aFileThatIsTooShortLacksItsLastBlocks() throws IOException {
        byte[] data = new byte[3 * BLOCK];
        new Random(1).nextBytes(data);
        file.write(500L * BLOCK, ByteBuffer.wrap(data));
        bytes.setLength(501L * BLOCK);
        assertThat(bad()).containsExactly(501L, 502L);
        bytes.setLength(0);
        assertThat(bad()).containsExactly(500L, 501L, 502L);
    }

    @Test
    void anEmptyFileIsInOrder() throws IOException {
        assertThat(bad()).isEmpty();
        file.setLength(1L << 40);
        assertThat(bad()).isEmpty();
    }
}
