package io.qedstore.faults;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Reads from a disk over a connection of its own, one request after another, and judges each answer. */
final class CheckingReader implements Closeable {
    private static final int MAX_SECTORS = 16;

    private final StampedDisk disk;
    private final PlainNbdClient nbd;
    private final Random random;
    private final Thread thread;
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private final AtomicLong answers = new AtomicLong();
    private volatile long answeredNanos;

    CheckingReader(String uri, StampedDisk disk, long seed) throws IOException {
        this.disk = disk;
        this.random = new Random(seed);
        this.nbd = new PlainNbdClient(uri);
        this.thread = new Thread(this::readOn, "read");
        thread.start();
    }

    private void readOn() {
        int sectors = disk.lengthBytes() / StampedDisk.SECTOR;
        try {
            while (!closed) {
                int count = 1 + random.nextInt(MAX_SECTORS);
                StampedDisk.Read read = disk.read(random.nextInt(sectors - count), count);
                if (read == null) {
                    Thread.onSpinWait();
                    continue;
                }
                readOne(read);
                TimeUnit.MILLISECONDS.sleep(1); // it is there to see, and not to be a load
            }
        } catch (IOException e) {
            if (!closed) {
                wrong.add("a reader's connection has ended: " + e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readOne(StampedDisk.Read read) throws IOException {
        boolean judged = false;
        try {
            byte[] data = nbd.read((long) read.first() * StampedDisk.SECTOR, read.count() * StampedDisk.SECTOR);
            answeredNanos = System.nanoTime();
            judged = true;
            wrong.addAll(disk.read(read, data));
            answers.incrementAndGet();
        } finally {
            if (!judged) {
                disk.unread(read);
            }
        }
    }

    long answers() {
        return answers.get();
    }

    /** When the last answer came, by the monotonic clock. */
    long answeredNanos() {
        return answeredNanos;
    }

    /** What answers were not as they had to be. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        nbd.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
