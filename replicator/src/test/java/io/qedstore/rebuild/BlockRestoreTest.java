package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.content.BlockDigest;
import io.qedstore.event.Sequence;
import io.qedstore.qed.file.MemoryImageFile;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockRestoreTest {
    private static final int BLOCK = BlockDigest.BLOCK_BYTES;

    @Test
    void anyBlockAtAnyEventIsTheFiles() throws Exception {
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            WrittenLog log = new WrittenLog(random, 30);
            int at = 1 + random.nextInt(log.events.size());
            MemoryImageFile file = log.fileBehind(at);
            long last = file.length() / BLOCK + 2; // the last ones lie behind the file's end
            List<Long> blocks =
                    random.longs(8, 0, last).sorted().distinct().boxed().toList();
            Map<Long, byte[]> restored =
                    BlockRestore.restore(log, log.start, blocks, new Sequence(at), Duration.ofSeconds(60));
            assertThat(restored).containsOnlyKeys(blocks);
            for (long block : blocks) {
                ByteBuffer expected = ByteBuffer.allocate(BLOCK);
                file.read(block * BLOCK, expected);
                assertThat(restored.get(block))
                        .as("seed %d, block %d behind event %d", seed, block, at)
                        .isEqualTo(expected.array());
            }
        }
    }
}
