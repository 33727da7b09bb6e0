package io.qedstore.faults;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Writes to a disk over NBD, several requests at a time, until it is closed or its connection ends. */
final class StampingClient implements Closeable {
    /** So many requests at a time. */
    static final int DEPTH = 16;

    private static final int FLUSH_EVERY = 40;
    private static final int FUA_EVERY = 16;
    private static final long FLUSH_COOKIE = 1L << 62;

    private final StampedDisk disk;
    private final PlainNbdClient nbd;
    private final Random random;
    private final int maxSectors;
    private final Semaphore free = new Semaphore(DEPTH);
    private final Map<Long, long[]> flushes = new ConcurrentHashMap<>();
    private final Thread writer;
    private final Thread reader;
    private volatile boolean closed;

    /** Between two answers. */
    private final AtomicLong longestPauseNanos = new AtomicLong();

    StampingClient(String uri, StampedDisk disk, long seed, int maxSectors) throws IOException {
        this.disk = disk;
        this.random = new Random(seed);
        this.maxSectors = maxSectors;
        this.nbd = new PlainNbdClient(uri);
        this.writer = new Thread(this::write, "write");
        this.reader = new Thread(this::receive, "receive");
        writer.start();
        reader.start();
    }

    private void write() {
        int sectors = disk.lengthBytes() / StampedDisk.SECTOR;
        try {
            flush(0); // from here on a client knows what it is about
            for (long i = 1; waitForRoom(); i++) {
                int count = random.nextInt(8) == 0 ? 1 + random.nextInt(maxSectors) : 1 + random.nextInt(8);
                int first = random.nextInt(sectors - count);
                boolean fua = random.nextInt(FUA_EVERY) == 0;
                StampedDisk.Write write = fua ? disk.offerDurable(first, count) : disk.offer(first, count);
                if (write == null) {
                    free.release();
                    continue;
                }
                byte[] data = disk.data(write);
                long offset = (long) first * StampedDisk.SECTOR;
                int flags = fua ? PlainNbdClient.FUA : 0;
                nbd.send(PlainNbdClient.WRITE, flags, write.number(), offset, data.length, data);
                if (i % FLUSH_EVERY == 0) {
                    flush(i);
                }
            }
        } catch (IOException e) {
            // the node is gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether there is room for a request, in the end; there is none if nobody wants one any more. */
    private boolean waitForRoom() throws InterruptedException {
        while (!closed) {
            if (free.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return false;
    }

    private void flush(long number) throws IOException, InterruptedException {
        if (!waitForRoom()) {
            return;
        }
        flushes.put(FLUSH_COOKIE + number, disk.beforeFlush());
        nbd.send(PlainNbdClient.FLUSH, 0, FLUSH_COOKIE + number, 0, 0, new byte[0]);
    }

    private void receive() {
        try {
            for (long last = System.nanoTime(); ; last = System.nanoTime()) {
                PlainNbdClient.Reply reply = nbd.receive();
                long pause = System.nanoTime() - last;
                longestPauseNanos.accumulateAndGet(pause, Math::max);
                if (reply.error() != 0) {
                    return; // nothing is known of what it was asked for
                }
                long[] before = flushes.remove(reply.cookie());
                if (before != null) {
                    disk.flushed(before);
                } else {
                    disk.answered(reply.cookie());
                }
                free.release();
            }
        } catch (IOException e) {
            // the node is gone
        }
    }

    /** Asks for no more, and returns once all is answered. */
    void finish() throws InterruptedException {
        closed = true;
        writer.join();
        NodesOnKafka.await("the last answers", () -> free.availablePermits() == DEPTH || !isWriting());
    }

    /** The longest time between two answers since this was asked last. */
    Duration takeLongestPause() {
        return Duration.ofNanos(longestPauseNanos.getAndSet(0));
    }

    boolean isWriting() {
        return reader.isAlive();
    }

    /** Ends it; what was not answered may have happened or not. */
    @Override
    public void close() throws IOException {
        closed = true;
        nbd.close();
        try {
            writer.join();
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        disk.disconnected();
    }
}
