package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.faults.StampedDisk.Promise;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The judge finds what it is there to find. */
class StampedDiskTest {
    private final StampedDisk disk = new StampedDisk(7, 64, Promise.WHEN_ANSWERED);
    private final byte[] content = new byte[disk.lengthBytes()];

    private StampedDisk.Write write(int first, int count) {
        StampedDisk.Write write = Objects.requireNonNull(disk.offer(first, count));
        put(write);
        return write;
    }

    private void put(StampedDisk.Write write) {
        byte[] data = disk.data(write);
        System.arraycopy(data, 0, content, write.first() * StampedDisk.SECTOR, data.length);
    }

    @Test
    void whatWasAnsweredAndIsThereIsFine() {
        disk.answered(write(3, 8).number());
        disk.answered(write(5, 2).number());
        write(20, 4); // not answered
        disk.disconnected();
        assertThat(disk.judge(content)).isEmpty();
    }

    @Test
    void aWriteThatWasNotAnsweredMayBeMissing() {
        Objects.requireNonNull(disk.offer(20, 4));
        disk.disconnected();
        assertThat(disk.judge(content)).isEmpty();
    }

    @Test
    void aLostWriteIsFound() {
        disk.answered(Objects.requireNonNull(disk.offer(3, 1)).number());
        assertThat(disk.judge(content))
                .singleElement()
                .asString()
                .contains("sector 3 holds write 0, and write 1 was durable");
    }

    @Test
    void anOlderWriteThatIsBackIsFound() {
        byte[] before = content.clone();
        disk.answered(write(3, 1).number());
        byte[] old = content.clone();
        disk.answered(write(3, 1).number());
        assertThat(disk.judge(old)).singleElement().asString().contains("holds write 1, and write 2 was durable");
        assertThat(before).isNotEqualTo(old);
    }

    @Test
    void aWriteThatIsThereInPartIsFound() {
        StampedDisk.Write write = Objects.requireNonNull(disk.offer(8, 4));
        byte[] data = disk.data(write);
        System.arraycopy(data, 0, content, 8 * StampedDisk.SECTOR, 2 * StampedDisk.SECTOR);
        disk.disconnected();
        assertThat(disk.judge(content)).singleElement().asString().contains("is there in part: 2 of 4 sectors");
    }

    @Test
    void aTornSectorIsFound() {
        disk.answered(write(3, 1).number());
        content[3 * StampedDisk.SECTOR + 300] ^= 1;
        assertThat(disk.judge(content)).singleElement().asString().contains("what nobody has written there");
    }

    @Test
    void aSectorInAnothersPlaceIsFound() {
        disk.answered(write(3, 1).number());
        disk.answered(Objects.requireNonNull(disk.offer(4, 1)).number());
        System.arraycopy(content, 3 * StampedDisk.SECTOR, content, 4 * StampedDisk.SECTOR, StampedDisk.SECTOR);
        assertThat(disk.judge(content)).isNotEmpty();
    }

    @Test
    void withWritebackOnlyWhatWasFlushedMustBeThere() {
        StampedDisk back = new StampedDisk(7, 64, Promise.WHEN_FLUSHED);
        back.answered(Objects.requireNonNull(back.offer(3, 1)).number());
        assertThat(back.judge(new byte[back.lengthBytes()])).isEmpty();
        back.answered(Objects.requireNonNull(back.offer(3, 1)).number());
        long[] before = back.beforeFlush();
        back.flushed(before);
        assertThat(back.judge(new byte[back.lengthBytes()])).hasSize(1);
    }

    @Test
    void aSectorOfAnotherDiskIsFound() {
        StampedDisk other = new StampedDisk(8, 64, Promise.WHEN_ANSWERED);
        byte[] foreign = other.data(Objects.requireNonNull(other.offer(3, 1)));
        disk.answered(Objects.requireNonNull(disk.offer(3, 1)).number());
        System.arraycopy(foreign, 0, content, 3 * StampedDisk.SECTOR, StampedDisk.SECTOR);
        assertThat(disk.judge(content)).singleElement().asString().contains("what nobody has written there: disk 8");
    }

    @Test
    void withWritebackAWriteOfFuaMustBeThere() {
        StampedDisk back = new StampedDisk(7, 64, Promise.WHEN_FLUSHED);
        back.answered(Objects.requireNonNull(back.offerDurable(3, 1)).number());
        assertThat(back.judge(new byte[back.lengthBytes()])).hasSize(1);
    }

    @Test
    void withWritebackALaterWriteIsNotThereWithoutTheOneBefore() {
        StampedDisk back = new StampedDisk(7, 64, Promise.WHEN_FLUSHED);
        back.answered(Objects.requireNonNull(back.offer(3, 1)).number());
        StampedDisk.Write later = Objects.requireNonNull(back.offer(9, 1));
        System.arraycopy(back.data(later), 0, content, 9 * StampedDisk.SECTOR, StampedDisk.SECTOR);
        back.disconnected();
        assertThat(back.judge(content))
                .singleElement()
                .asString()
                .contains("write 1 was answered before write 2 was offered, which is there");
    }

    @Test
    void withWritebackOneOfTwoThatWereUnderWayTogetherMayBeThere() {
        StampedDisk back = new StampedDisk(7, 64, Promise.WHEN_FLUSHED);
        StampedDisk.Write first = Objects.requireNonNull(back.offer(3, 1));
        StampedDisk.Write second = Objects.requireNonNull(back.offer(9, 1));
        back.answered(first.number());
        System.arraycopy(back.data(second), 0, content, 9 * StampedDisk.SECTOR, StampedDisk.SECTOR);
        back.disconnected();
        assertThat(back.judge(content)).isEmpty();
    }

    @Test
    void aStaleReadIsFound() {
        disk.answered(write(3, 1).number());
        byte[] old = content.clone();
        disk.answered(write(3, 1).number());
        StampedDisk.Read fresh = Objects.requireNonNull(disk.read(3, 1));
        assertThat(disk.offer(3, 1)).as("a write under a read").isNull();
        assertThat(disk.read(fresh, sector(content, 3))).isEmpty();
        StampedDisk.Read stale = Objects.requireNonNull(disk.read(3, 1));
        assertThat(disk.read(stale, sector(old, 3)))
                .singleElement()
                .asString()
                .contains("gave write 1, and write 2 was answered");
    }

    private static byte[] sector(byte[] disk, int number) {
        return Arrays.copyOfRange(disk, number * StampedDisk.SECTOR, (number + 1) * StampedDisk.SECTOR);
    }
}
