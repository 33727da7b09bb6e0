package io.qedstore.qed.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What single changes put into a file, whatever it held before. */
class QedChangeTest {
    @Test
    void aNewL2TableHidesWhatLayThere() throws IOException {
        MemoryImageFile file = junk(16384);
        new QedChange.L2TableWritten(4096, 8192, 3, new EntryRun(2, 40960, 4096)).applyTo(file);
        ByteBuffer expected = ByteBuffer.wrap(junk(16384).toBytes()).order(ByteOrder.LITTLE_ENDIAN);
        expected.put(4096, new byte[8192]);
        expected.putLong(4096 + 24, 40960).putLong(4096 + 32, 45056);
        assertThat(file.toBytes()).isEqualTo(expected.array());
    }

    @Test
    void aLongRunOfEntriesIsWrittenWhole() throws IOException {
        int count = 2 * QedChange.MAX_ENTRIES_PER_WRITE + 5;
        MemoryImageFile file = new MemoryImageFile();
        new QedChange.L2EntriesSet(8, new EntryRun(count, 4096, 4096)).applyTo(file);
        assertThat(file.length()).isEqualTo(8 + 8L * count);
        ByteBuffer entries = ByteBuffer.wrap(file.toBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            assertThat(entries.getLong(8 + 8 * i)).isEqualTo((i + 1) * 4096L);
        }
    }

    @Test
    void whatCannotBeIsRefusedBeforeItReachesAFile() {
        assertThatThrownBy(() -> new QedChange.L2TableWritten(0, 4096, 511, new EntryRun(2, 1, 0)))
                .hasMessageContaining("do not fit");
        assertThatThrownBy(() -> new QedChange.RangeZeroed(-1, 1)).hasMessageContaining("-1 is negative");
        assertThatThrownBy(() -> new QedChange.L1EntrySet(-8, 0)).hasMessageContaining("-8 is negative");
        assertThatThrownBy(() -> new EntryRun(0, 0, 0)).hasMessageContaining("0 entries");
    }

    // Deliberate bug: the end is compared with the largest offset after it has overflowed.
    @Test
    void noChangeEndsBehindTheLargestOffset() {
        long last = Long.MAX_VALUE - 8;
        EntryRun two = new EntryRun(2, 1, 0);
        ByteBuffer nine = ByteBuffer.allocate(9);
        assertThatThrownBy(() -> new QedChange.L1EntrySet(last + 1, 0)).hasMessageContaining("end behind the largest");
        assertThatThrownBy(() -> new QedChange.L2EntriesSet(last, two)).hasMessageContaining("end behind the largest");
        assertThatThrownBy(() -> new QedChange.L2TableWritten(last, 16, 0, two))
                .hasMessageContaining("end behind the largest");
        assertThatThrownBy(() -> new QedChange.DataWritten(last, nine)).hasMessageContaining("end behind the largest");
        assertThatThrownBy(() -> new QedChange.RangeZeroed(last, 9)).hasMessageContaining("end behind the largest");
        assertThatThrownBy(() -> new QedChange.RangeZeroed(Long.MAX_VALUE, Long.MAX_VALUE))
                .hasMessageContaining("end behind the largest");
        assertThat(new QedChange.L1EntrySet(last, 0).fileOffset()).isEqualTo(last);
        assertThat(new QedChange.RangeZeroed(last, 8).lengthBytes()).isEqualTo(8);
    }

    private static MemoryImageFile junk(int bytes) {
        byte[] junk = new byte[bytes];
        Arrays.fill(junk, (byte) 'J');
        return MemoryImageFile.of(junk);
    }
}
