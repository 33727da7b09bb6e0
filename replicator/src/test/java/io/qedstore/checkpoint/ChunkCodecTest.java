package io.qedstore.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkCodecTest {
    @Test
    void aFileOfZerosIsNoChunkAtAll() throws IOException {
        MemoryImageFile zeros = MemoryImageFile.of(new byte[100_000]);
        assertThat(new ChunkCodec.Reader(zeros).next()).isNull();
    }

    @Test
    void aChunkHoldsEightMebibytesAtMostAndTheNextGoesOn() throws IOException {
        byte[] data = new byte[(8 << 20) + 5000];
        new Random(1).nextBytes(data);
        ChunkCodec.Reader reader = new ChunkCodec.Reader(MemoryImageFile.of(data));
        assertThat(reader.next()).hasSize(4 + 12 + (8 << 20));
        assertThat(reader.next()).hasSize(4 + 12 + 5000);
        assertThat(reader.next()).isNull();
    }

    /** Numbers of a peer are looked at before anything is written, or memory taken. */
    @Test
    void whatIsNoChunkOfTheFileWritesNothing() {
        MemoryImageFile file = TestCheckpoints.file(new Random(2), 60);
        Seeds.forEach(3000, seed -> {
            Random random = new Random(seed);
            byte[] chunk = Objects.requireNonNull(new ChunkCodec.Reader(file).next());
            ByteBuffer numbers = ByteBuffer.wrap(chunk);
            int at = 4 * random.nextInt(1 + 3 * numbers.getInt(0));
            long other = random.nextBoolean() ? random.nextLong() : Integer.MAX_VALUE;
            if (numbers.getInt(at) == (int) other) {
                return;
            }
            numbers.putInt(at, (int) other);
            MemoryImageFile target = new MemoryImageFile();
            try {
                ChunkCodec.write(chunk, file.length(), target, "it");
            } catch (CheckpointException.Damaged e) {
                assertThat(target.length()).isZero();
            }
            assertThat(target.length()).isLessThanOrEqualTo(file.length());
        });
    }

    @Test
    void anExtentBehindTheFilesEndIsRefused() throws IOException {
        MemoryImageFile file = MemoryImageFile.of(new byte[] {1, 2, 3});
        byte[] chunk = Objects.requireNonNull(new ChunkCodec.Reader(file).next());
        assertThatThrownBy(() -> ChunkCodec.write(chunk, 2, new MemoryImageFile(), "it"))
                .isInstanceOf(CheckpointException.Damaged.class)
                .hasMessageContaining("expected one between 0 and 2");
    }
}
