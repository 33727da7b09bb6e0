package io.qedstore.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SummedFileTest {
    private static final int BLOCK = BlockDigest.BLOCK_BYTES;
    private static final DigestAlgorithm ALGORITHM = DigestAlgorithm.XXH3_128;
    private static final int MAX_BYTES = 300 * BLOCK;

    /** Of a file's bytes, from the first to the last. */
    private static Digest sumOf(MemoryImageFile file, DigestAlgorithm algorithm) throws IOException {
        ContentSum sum = new ContentSum(Digest.NONE);
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        for (long number = 0; number * BLOCK < file.length(); number++) {
            file.read(number * BLOCK, block.clear());
            sum.add(BlockDigest.of(algorithm, number, block.flip()));
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
            SummedFile file = new SummedFile(new KnownBlocks(bytes, sums, algorithm, Mender.NONE), () -> true);
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
            SummedFile file = new SummedFile(new KnownBlocks(bytes, sums, ALGORITHM, Mender.NONE), () -> true);
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
            file = new SummedFile(new KnownBlocks(bytes, again, ALGORITHM, Mender.NONE), () -> false);
            rest = new Random(seedOfTheRest);
            for (int i = 0; i < more; i++) {
                change(file, rest);
            }
            assertThat(again.sum()).as("seed %d", seed).isEqualTo(sumOf(bytes, ALGORITHM));
        }
    }

    /** Deliberate bug: the rest of a block is taken over as it is found. */
    @Test
    void damageIsNeverTakenOver() throws IOException {
        List<Long> asked = new ArrayList<>();
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            MemoryImageFile bytes = new MemoryImageFile();
            MemoryImageFile undamaged = new MemoryImageFile();
            BlockSums sums = new StoredSums().open();
            Mender mender = (number, wanted) -> {
                byte[] block = new byte[BLOCK];
                undamaged.read(number * BLOCK, ByteBuffer.wrap(block));
                asked.add(number);
                return Optional.of(block);
            };
            SummedFile file = new SummedFile(new KnownBlocks(bytes, sums, ALGORITHM, mender), () -> true);
            SummedFile twin = new SummedFile(
                    new KnownBlocks(undamaged, new StoredSums().open(), ALGORITHM, Mender.NONE), () -> true);
            for (int i = 0; i < 40; i++) {
                for (int damaged = 0; damaged < 20 && bytes.length() > 0; damaged++) {
                    long at = random.nextInt((int) bytes.length());
                    bytes.write(at, ByteBuffer.wrap(new byte[] {(byte) random.nextInt()}));
                }
                int seedOfChange = random.nextInt();
                change(file, new Random(seedOfChange));
                change(twin, new Random(seedOfChange));
                assertThat(sums.sum()).as("seed %d, change %d", seed, i).isEqualTo(sumOf(undamaged, ALGORITHM));
            }
        }
        assertThat(asked).hasSizeGreaterThan(50);
    }

    @Test
    void damageThatNobodyCanMendEndsTheWrite() throws IOException {
        MemoryImageFile bytes = new MemoryImageFile();
        SummedFile file =
                new SummedFile(new KnownBlocks(bytes, new StoredSums().open(), ALGORITHM, Mender.NONE), () -> true);
        file.write(0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        bytes.write(1, ByteBuffer.wrap(new byte[] {7}));
        assertThatThrownBy(() -> file.write(2, ByteBuffer.wrap(new byte[] {4})))
                .isInstanceOf(BadBlockException.class)
                .hasMessageContaining("the block at 0");
        file.write(0, ByteBuffer.wrap(new byte[BLOCK])); // all of it is said
    }

    @Test
    void blocksOfTheSameBytesCountByTheirPlaces() {
        byte[] bytes = new byte[2 * BLOCK];
        bytes[5] = 1;
        bytes[BLOCK + 5] = 1;
        ByteBuffer block = ByteBuffer.wrap(bytes, BLOCK, BLOCK);
        Digest first = BlockDigest.of(ALGORITHM, 0, ByteBuffer.wrap(bytes, 0, BLOCK));
        assertThat(BlockDigest.of(ALGORITHM, 0, block)).isEqualTo(first);
        assertThat(BlockDigest.of(ALGORITHM, 1, block)).isNotEqualTo(first);
        ByteBuffer direct = ByteBuffer.allocateDirect(BLOCK + 3).position(3);
        direct.put(bytes, BLOCK, BLOCK).position(3);
        assertThat(BlockDigest.of(ALGORITHM, 0, direct)).isEqualTo(first);
        assertThat(BlockDigest.of(ALGORITHM, 1, ByteBuffer.allocate(BLOCK))).isEqualTo(Digest.NONE);
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
