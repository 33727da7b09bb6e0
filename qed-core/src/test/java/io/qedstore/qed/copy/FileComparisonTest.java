package io.qedstore.qed.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.copy.FileComparison.Difference;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FileComparisonTest {
    private static MemoryImageFile file(byte[] bytes) throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        file.setLength(bytes.length);
        for (int at = 0; at < bytes.length; at += 4096) { // holes stay holes
            byte[] block = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 4096));
            if (!Arrays.equals(block, new byte[block.length])) {
                file.write(at, ByteBuffer.wrap(block));
            }
        }
        return file;
    }

    private static Optional<Difference> compare(byte[] one, byte[] other) throws IOException {
        return FileComparison.compare(file(one), file(other), (done, total) -> {});
    }

    @Test
    void theFirstByteAndAllBlocksThatDifferAreFound() {
        Seeds.forEach(100, seed -> {
            Random random = new Random(seed);
            byte[] one = new byte[random.nextInt(3 << 20)];
            for (int at = 0; at < one.length; at += 4096) {
                if (random.nextInt(4) == 0) {
                    Arrays.fill(one, at, Math.min(one.length, at + 4096), (byte) random.nextInt());
                }
            }
            byte[] other =
                    Arrays.copyOf(one, Math.max(0, one.length + random.nextInt(3) * (random.nextInt(20_000) - 10_000)));
            for (int changes = random.nextInt(4); changes > 0 && other.length > 0; changes--) {
                other[random.nextInt(other.length)] ^= (byte) random.nextInt(2);
            }
            assertThat(compare(one, other)).isEqualTo(expected(one, other)).isEqualTo(compare(other, one));
        });
    }

    /** Block by block, all of them. */
    private static Optional<Difference> expected(byte[] one, byte[] other) {
        int first = Arrays.mismatch(one, other);
        long blocks = 0;
        for (int at = 0; at < Math.max(one.length, other.length); at += 4096) {
            byte[] block = Arrays.copyOfRange(one, Math.min(at, one.length), Math.min(one.length, at + 4096));
            byte[] others = Arrays.copyOfRange(other, Math.min(at, other.length), Math.min(other.length, at + 4096));
            if (!Arrays.equals(block, others)) {
                blocks++;
            }
        }
        return first < 0 ? Optional.empty() : Optional.of(new Difference(first, blocks));
    }
}
