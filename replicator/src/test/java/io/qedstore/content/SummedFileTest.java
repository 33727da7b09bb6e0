package io.qedstore.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SummedFileTest {
    private static final int BLOCK = BlockDigest.BLOCK_BYTES;
    private static final int MAX_BYTES = 300 * BLOCK;

    /** Of a file's bytes, from the first to the last. */
    private static Digest sumOf(MemoryImageFile file, DigestAlgorithm algorithm) throws IOException {
        ContentSum sum = new ContentSum(Digest.NONE);
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        for (long number = 0; number * BLOCK < file.length(); number++) {
            file.read(number * BLOCK, block.clear());
            sum.add(BlockDigest.of(algorithm, number, block.array(), 0));
        }
        return sum.value();
    }

    private static void change(SummedFile file, Random random) throws IOException {
        long from = random.nextInt(MAX_BYTES);
        long length = 1L + random.nextInt(random.nextBoolean() ? 3 * BLOCK : 64 * BLOCK);
        long aligned = random.nextBoolean() ? from / BLOCK * BLOCK : from;
        switch (random.nextInt(8)) {
            case 0, 1 -> file.zero(aligned, random.nextBoolean() ? length / BLOCK * BLOCK : length);
            case 2 -> file.setLength(from);
            default -> {
                byte[] bytes = new byte[(int) length];
                random.nextBytes(bytes);
                if (random.nextInt(4) == 0) {
                    bytes = new byte[(int) length];
                }
                ByteBuffer source = ByteBuffer.allocateDirect(bytes.length + 7).position(7);
                source.put(bytes).position(7);
                file.write(aligned, source);
                assertThat(source.hasRemaining()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSumIsThatOfTheBytes(DigestAlgorithm algorithm) throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            MemoryImageFile bytes = new MemoryImageFile();
            StoredSums stored = new StoredSums();
            BlockSums sums = stored.open();
            SummedFile file = new SummedFile(bytes, sums, algorithm);
            Deque<BlockSums.Change> underWay = new ArrayDeque<>();
            for (int i = 0; i < 100; i++) {
                change(file, random);
                assertThat(sums.sum()).as("seed %d, change %d", seed, i).isEqualTo(sumOf(bytes, algorithm));
                if (random.nextInt(5) == 0) {
                    underWay.add(sums.take());
                }
                if (random.nextInt(5) == 0 && !underWay.isEmpty()) {
                    BlockSums.Change change = underWay.remove();
                    stored.store(change);
                    sums.stored(change);
                }
            }
        }
    }

    /** What is stored stands for a place; the file may have more, or parts of it, and gets all of that again. */
    @Test
    void afterACrashTheSumIsRightOnceAllIsWrittenAgain() throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            MemoryImageFile bytes = new MemoryImageFile();
            StoredSums stored = new StoredSums();
            BlockSums sums = stored.open();
            SummedFile file = new SummedFile(bytes, sums, DigestAlgorithm.XXH3_128);
            for (int i = random.nextInt(10); i >= 0; i--) {
                change(file, random);
            }
            stored.store(sums.take());
            int seedOfTheRest = random.nextInt();
            int more = 1 + random.nextInt(10);
            Random rest = new Random(seedOfTheRest);
            for (int i = 0; i < more; i++) {
                change(file, rest);
            }
            BlockSums again = stored.open();
            file = new SummedFile(bytes, again, DigestAlgorithm.XXH3_128);
            rest = new Random(seedOfTheRest);
            for (int i = 0; i < more; i++) {
                change(file, rest);
            }
            assertThat(again.sum()).as("seed %d", seed).isEqualTo(sumOf(bytes, DigestAlgorithm.XXH3_128));
        }
    }

    @Test
    void blocksOfTheSameBytesCountByTheirPlaces() {
        byte[] bytes = new byte[2 * BLOCK];
        bytes[5] = 1;
        bytes[BLOCK + 5] = 1;
        Digest first = BlockDigest.of(DigestAlgorithm.XXH3_128, 0, bytes, 0);
        assertThat(BlockDigest.of(DigestAlgorithm.XXH3_128, 0, bytes, BLOCK)).isEqualTo(first);
        assertThat(BlockDigest.of(DigestAlgorithm.XXH3_128, 1, bytes, BLOCK)).isNotEqualTo(first);
        assertThat(BlockDigest.of(DigestAlgorithm.XXH3_128, 1, new byte[BLOCK], 0))
                .isEqualTo(Digest.NONE);
    }

    @Test
    void sumsWrapAround() {
        ContentSum sum = new ContentSum(new Digest(-1, -1));
        sum.add(new Digest(0, 1));
        assertThat(sum.value()).isEqualTo(Digest.NONE);
        sum.replace(new Digest(0, 1), Digest.NONE);
        assertThat(sum.value()).isEqualTo(new Digest(-1, -1));
        sum.replace(new Digest(1, 0), new Digest(0, 3));
        assertThat(sum.value()).isEqualTo(new Digest(-1, 2));
    }
}
