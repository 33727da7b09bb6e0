package io.qedstore.qed.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.model.Seeds;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The doubles that other tests rely on behave like a file. */
class MemoryImageFileTest {
    private static final int SIZE = 40000;

    @Test
    void randomUseGivesTheBytesOfAnArray() {
        Seeds.forEach(50, seed -> {
            Random random = new Random(seed);
            MemoryImageFile memory = new MemoryImageFile();
            PowerCutImageFile powered = new PowerCutImageFile(memory);
            byte[] expected = new byte[SIZE];
            int length = 0;
            for (int i = 0; i < 60; i++) {
                int from = random.nextInt(SIZE);
                int to = from + random.nextInt(SIZE - from);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        memory.zero(from, to - from);
                        powered.zero(from, to - from);
                        Arrays.fill(expected, from, to, (byte) 0);
                        length = Math.max(length, to);
                    }
                    case 1 -> {
                        memory.setLength(from);
                        powered.setLength(from);
                        Arrays.fill(expected, from, SIZE, (byte) 0);
                        length = from;
                    }
                    default -> {
                        byte[] data = new byte[to - from];
                        random.nextBytes(data);
                        memory.write(from, ByteBuffer.wrap(data));
                        powered.write(from, ByteBuffer.wrap(data));
                        System.arraycopy(data, 0, expected, from, data.length);
                        length = Math.max(length, to);
                    }
                }
                assertThat(memory.toBytes()).isEqualTo(Arrays.copyOf(expected, length));
            }
            powered.sync();
            assertThat(powered.powerCut(random).contents().firstDifference(memory))
                    .isEmpty();
            assertHolesAreZeros(memory, expected);
        });
    }

    private static void assertHolesAreZeros(MemoryImageFile file, byte[] bytes) {
        for (long at = 0; at < file.length(); ) {
            long data = file.nextData(at);
            assertThat(Arrays.copyOfRange(bytes, (int) at, (int) data)).isEqualTo(new byte[(int) (data - at)]);
            at = data == at ? file.nextHole(at) : data;
        }
    }

    @Test
    void aPowerCutTakesOnlyWhatWasNotSynced() {
        Seeds.forEach(50, seed -> {
            PowerCutImageFile file = new PowerCutImageFile(new MemoryImageFile());
            file.write(0, filled(1, 4096));
            file.sync();
            file.write(1024, filled(2, 8192));
            byte[] left = file.powerCut(new Random(seed)).contents().toBytes();
            assertThat(left.length).isBetween(4096, 9216);
            assertThat(Arrays.copyOf(left, 1024)).containsOnly(1);
            for (int sector = 1024; sector < 4096; sector += 512) {
                assertThat(Arrays.copyOfRange(left, sector, sector + 512))
                        .containsAnyOf((byte) 1, (byte) 2)
                        .containsOnly(left[sector]);
            }
        });
    }

    private static ByteBuffer filled(int value, int bytes) {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) value);
        return ByteBuffer.wrap(content);
    }
}
