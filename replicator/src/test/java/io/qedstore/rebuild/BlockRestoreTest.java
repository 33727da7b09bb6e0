package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.content.BlockDigest;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.MemoryImageFile;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockRestoreTest {
    private static final int BLOCK = BlockDigest.BLOCK_BYTES;
    private static final DigestAlgorithm ALGORITHM = DigestAlgorithm.XXH3_128;

    @Test
    void anyBlockThatTheFileEverHadIsFound() throws Exception {
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            WrittenLog log = new WrittenLog(random, 30);
            BlockRestore restore = new BlockRestore(log, log.start, ALGORITHM, Duration.ofSeconds(60));
            int at = 1 + random.nextInt(log.events.size());
            MemoryImageFile file = log.fileBehind(at);
            for (long block : random.longs(8, 0, file.length() / BLOCK).toArray()) {
                ByteBuffer expected = ByteBuffer.allocate(BLOCK);
                file.read(block * BLOCK, expected);
                Digest wanted = BlockDigest.of(ALGORITHM, block, expected.flip());
                if (!wanted.equals(Digest.NONE)) {
                    assertThat(restore.find(block, wanted))
                            .as("seed %d, block %d behind event %d", seed, block, at)
                            .contains(expected.array());
                }
                assertThat(restore.find(block, new Digest(1, block))).isEmpty();
            }
        }
    }
}
