package io.qedstore.faults;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a client has written to a disk and what it was told, sector by sector, and the judge of what is there afterwards. Each
 * sector of each write is stamped with its disk, its number, the write and a checksum. Requests that are under way at the same time
 * never overlap, reads among them, so that there is one right answer to each read. Safe for many threads.
 *
 * <p>Writes are numbered as they are offered. An owner puts them into its log in an order that keeps that of those of which one
 * was answered before the other was offered: if the later one survives a crash, so does the one before, flushed or not.
 */
final class StampedDisk {
    static final int SECTOR = 512;

    private final long disk;
    private final int sectors;
    private final Promise usual;

    /** By sector: the newest write that must be there, or one behind it. */
    private final long[] durable;

    /** By sector: the newest write that was asked for. */
    private final long[] offered;

    /** By sector: the newest that was answered. */
    private final long[] answered;

    /** By sector: the newest write that had been offered when that one was answered. */
    private final long[] answeredBefore;

    private final BitSet busy;
    private final Map<Long, Write> underWay = new LinkedHashMap<>();
    private final Map<Long, Write> lost = new HashMap<>();
    private long lastWrite;
    private long answers;

    /**
     * Sectors {@code [first, first + count)}.
     *
     * @param promise when it is durable
     */
    record Write(long number, int first, int count, Promise promise) {}

    /** Sectors {@code [first, first + count)}, in which nothing changes until it is answered. */
    record Read(int first, int count) {}

    /** When a write is durable. */
    enum Promise {
        WHEN_ANSWERED,
        WHEN_FLUSHED
    }

    /** @param usual what a write without FUA is promised */
    StampedDisk(long disk, int sectors, Promise usual) {
        this.disk = disk;
        this.sectors = sectors;
        this.usual = usual;
        this.durable = new long[sectors];
        this.offered = new long[sectors];
        this.answered = new long[sectors];
        this.answeredBefore = new long[sectors];
        this.busy = new BitSet(sectors);
    }

    int lengthBytes() {
        return sectors * SECTOR;
    }

    /** Begins a write; null if its range is in use. */
    @Nullable
    Write offer(int first, int count) {
        return offer(first, count, usual);
    }

    /** Begins a write with FUA; null if its range is in use. */
    @Nullable
    Write offerDurable(int first, int count) {
        return offer(first, count, Promise.WHEN_ANSWERED);
    }

    private synchronized @Nullable Write offer(int first, int count, Promise promise) {
        if (!use(first, count)) {
            return null;
        }
        Write write = new Write(++lastWrite, first, count, promise);
        Arrays.fill(offered, first, first + count, write.number());
        underWay.put(write.number(), write);
        return write;
    }

    private boolean use(int first, int count) {
        int next = busy.nextSetBit(first);
        boolean isFree = next < 0 || next >= first + count;
        if (isFree) {
            busy.set(first, first + count);
        }
        return isFree;
    }

    /** Begins a read; null if its range is in use. */
    synchronized @Nullable Read read(int first, int count) {
        return use(first, count) ? new Read(first, count) : null;
    }

    /** Ends a read that got no answer. */
    synchronized void unread(Read read) {
        busy.clear(read.first(), read.first() + read.count());
    }

    /**
     * Judges what a read has answered: the newest write that was answered, in each sector.
     *
     * @return what is wrong
     */
    synchronized List<String> read(Read read, byte[] data) {
        unread(read);
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < read.count(); i++) {
            int number = read.first() + i;
            long found = origin(ByteBuffer.wrap(data).slice(i * SECTOR, SECTOR), number, wrong);
            if (found != answered[number]) {
                wrong.add("a read of sector " + number + " gave write " + found + ", and write " + answered[number]
                        + " was answered");
            }
        }
        return wrong;
    }

    /**
     * Judges what was read from a copy that may be behind: in each sector a write that was asked for, or the one behind it, and none
     * older than was read before.
     *
     * @param newest by sector, what the reader has seen; follows what was read
     * @return what is wrong
     */
    synchronized List<String> readBehind(int first, byte[] data, long[] newest) {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < data.length / SECTOR; i++) {
            int number = first + i;
            long found = origin(ByteBuffer.wrap(data).slice(i * SECTOR, SECTOR), number, wrong);
            if (found < newest[number] || found > offered[number]) {
                wrong.add("a read of sector " + number + " of a copy gave write " + found + ", expected one from "
                        + newest[number] + " to " + offered[number]);
            }
            newest[number] = Math.max(found, newest[number]);
        }
        return wrong;
    }

    byte[] data(Write write) {
        ByteBuffer data = ByteBuffer.allocate(write.count() * SECTOR);
        for (int i = 0; i < write.count(); i++) {
            stamp(data.slice(i * SECTOR, SECTOR), write.first() + i, write.number());
        }
        return data.array();
    }

    private void stamp(ByteBuffer sector, int number, long write) {
        sector.putLong(0, disk).putLong(8, number).putLong(16, write);
        for (int at = 24; at < SECTOR - 8; at += 8) {
            sector.putLong(at, disk * 31 + number * 1_000_003L + write * 7919 + at);
        }
        CRC32C crc = new CRC32C();
        crc.update(sector.slice(0, SECTOR - 8));
        sector.putLong(SECTOR - 8, crc.getValue());
    }

    synchronized void answered(long number) {
        Write write = underWay.remove(number);
        if (write == null) {
            throw new AssertionError("write " + number + " was answered, and is not under way");
        }
        answers++;
        busy.clear(write.first(), write.first() + write.count());
        Arrays.fill(answered, write.first(), write.first() + write.count(), number);
        Arrays.fill(answeredBefore, write.first(), write.first() + write.count(), lastWrite);
        if (write.promise() == Promise.WHEN_ANSWERED) {
            Arrays.fill(durable, write.first(), write.first() + write.count(), number);
        }
    }

    /** What a flush that is asked for now makes durable. */
    synchronized long[] beforeFlush() {
        return answered.clone();
    }

    synchronized void flushed(long[] before) {
        for (int i = 0; i < sectors; i++) {
            durable[i] = Math.max(durable[i], before[i]);
        }
    }

    synchronized long answers() {
        return answers;
    }

    /** The client has lost its connection: what is under way may have happened or not. */
    synchronized void disconnected() {
        lost.putAll(underWay);
        underWay.clear();
        busy.clear();
    }

    /**
     * Judges what the disk holds, and takes it for what it is from now on.
     *
     * @return what is wrong
     */
    synchronized List<String> judge(byte[] content) {
        List<String> wrong = new ArrayList<>();
        long[] found = new long[sectors];
        for (int i = 0; i < sectors; i++) {
            found[i] = judge(ByteBuffer.wrap(content).slice(i * SECTOR, SECTOR), i, wrong);
        }
        for (Write write : lost.values()) {
            int there = 0;
            int mine = 0;
            for (int i = write.first(); i < write.first() + write.count(); i++) {
                mine += offered[i] == write.number() ? 1 : 0;
                there += found[i] == write.number() && offered[i] == write.number() ? 1 : 0;
            }
            if (there != 0 && there != mine) {
                wrong.add("write " + write.number() + " of sectors " + write.first() + " + " + write.count()
                        + " is there in part: " + there + " of " + mine + " sectors");
            }
        }
        long newest = Arrays.stream(found).max().orElse(0);
        for (int i = 0; i < sectors; i++) {
            if (newest > answeredBefore[i] && found[i] < answered[i]) {
                wrong.add("sector " + i + " holds write " + found[i] + ", and write " + answered[i]
                        + " was answered before write " + newest + " was offered, which is there");
            }
        }
        lost.clear();
        Arrays.fill(answeredBefore, lastWrite);
        System.arraycopy(found, 0, durable, 0, sectors);
        System.arraycopy(found, 0, answered, 0, sectors);
        System.arraycopy(found, 0, offered, 0, sectors);
        return wrong;
    }

    private long judge(ByteBuffer sector, int number, List<String> wrong) {
        long write = origin(sector, number, wrong);
        if (write < durable[number]) {
            wrong.add("sector " + number + " holds write " + write + ", and write " + durable[number] + " was durable");
        }
        if (write > offered[number]) {
            wrong.add("sector " + number + " holds write " + write + ", and the last one was " + offered[number]);
        }
        return write;
    }

    /** Which write a sector is of; 0 if nobody has written it. */
    private long origin(ByteBuffer sector, int number, List<String> wrong) {
        if (isZero(sector)) {
            return 0;
        }
        long write = sector.getLong(16);
        ByteBuffer expected = ByteBuffer.allocate(SECTOR);
        stamp(expected, number, write);
        if (!sector.equals(expected)) {
            wrong.add("sector " + number + " holds what nobody has written there: disk " + sector.getLong(0)
                    + ", sector " + sector.getLong(8) + ", write " + write);
        }
        return write;
    }

    private static boolean isZero(ByteBuffer sector) {
        for (int at = 0; at < SECTOR; at += 8) {
            if (sector.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }
}
