package io.qedstore.faults;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a node's own copy of a disk, which may be behind, and judges each answer. A copy need not be there all the time: after
 * an error it connects anew.
 */
final class CopyReader implements Closeable {
    private static final int MAX_SECTORS = 64;
    private static final int PAUSE_MS = 2;

    private final String uri;
    private final StampedDisk disk;
    private final Random random;
    private final Thread thread;
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final AtomicLong answers = new AtomicLong();
    private volatile boolean closed;
    private volatile @Nullable PlainNbdClient reading;

    CopyReader(String uri, StampedDisk disk, long seed) {
        this.uri = uri;
        this.disk = disk;
        this.random = new Random(seed);
        this.thread = new Thread(this::readOn, "read a copy");
        thread.start();
    }

    private void readOn() {
        try {
            while (!closed) {
                try (PlainNbdClient nbd = new PlainNbdClient(uri)) {
                    reading = nbd;
                    readOn(nbd);
                } catch (IOException e) {
                    if (!closed) {
                        errors.add(String.valueOf(e.getMessage()));
                    }
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readOn(PlainNbdClient nbd) throws IOException, InterruptedException {
        int sectors = disk.lengthBytes() / StampedDisk.SECTOR;
        long[] newest = new long[sectors];
        while (!closed) {
            int count = 1 + random.nextInt(MAX_SECTORS);
            int first = random.nextInt(sectors - count);
            byte[] data = nbd.read((long) first * StampedDisk.SECTOR, count * StampedDisk.SECTOR);
            wrong.addAll(disk.readBehind(first, data, newest));
            answers.incrementAndGet();
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS); // it is there to see, and not to be a load
        }
    }

    long answers() {
        return answers.get();
    }

    /** What answers were not as they had to be. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** How connections have ended. */
    List<String> errors() {
        return List.copyOf(errors);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        PlainNbdClient open = reading;
        if (open != null) {
            open.close(); // it may wait for an answer that does not come
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
