package io.qedstore.faults;

import java.io.Closeable;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Writes, zeroes, trims and flushes at random over NBD, one request after the other, as many as it may, until it is told to finish. */
final class RandomClient implements Closeable {
    private static final int SECTOR = 512;
    private static final int FEW = 16;
    private static final int MANY = 512;
    private static final int LOOK_MS = 100;
    private static final byte[] NOTHING = new byte[0];

    private final PlainNbdClient nbd;
    private final Random random;
    private final int sectors;
    private final Semaphore permits;
    private final Thread thread;
    private final AtomicLong answers = new AtomicLong();
    private volatile boolean finished;
    private volatile String failure = "";

    /**
     * Connects one.
     *
     * @param lengthBytes of the part of the disk that it writes to
     * @param permits for requests; several clients may share them
     */
    RandomClient(String uri, long seed, int lengthBytes, Semaphore permits) throws IOException {
        this.nbd = new PlainNbdClient(uri);
        this.random = new Random(seed);
        this.sectors = lengthBytes / SECTOR;
        this.permits = permits;
        this.thread = new Thread(this::run, "random requests");
        thread.start();
    }

    private void run() {
        try {
            while (waitForPermit()) {
                ask();
                PlainNbdClient.Reply reply = nbd.receive();
                if (reply.error() != 0) {
                    throw new IOException("a request was answered with error " + reply.error());
                }
                answers.incrementAndGet();
            }
        } catch (IOException e) {
            failure = e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean waitForPermit() throws InterruptedException {
        while (!finished) {
            if (permits.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return false;
    }

    private void ask() throws IOException {
        int kind = random.nextInt(10);
        int flags = random.nextInt(8) == 0 ? PlainNbdClient.FUA : 0;
        if (kind == 0) {
            send(PlainNbdClient.FLUSH, 0, 0, 0, NOTHING);
        } else if (kind == 1) {
            int count = 1 + random.nextInt(MANY);
            send(PlainNbdClient.TRIM, flags, random.nextInt(sectors - count), count, NOTHING);
        } else if (kind == 2) {
            int count = 1 + random.nextInt(MANY);
            int more = random.nextBoolean() ? PlainNbdClient.NO_HOLE : 0;
            send(PlainNbdClient.WRITE_ZEROES, flags | more, random.nextInt(sectors - count), count, NOTHING);
        } else {
            int count = 1 + random.nextInt(random.nextInt(32) == 0 ? MANY : FEW);
            byte[] data = new byte[count * SECTOR];
            random.nextBytes(data);
            send(PlainNbdClient.WRITE, flags, random.nextInt(sectors - count), count, data);
        }
    }

    private void send(int command, int flags, int sector, int count, byte[] data) throws IOException {
        nbd.send(command, flags, answers.get(), (long) sector * SECTOR, count * SECTOR, data);
    }

    long answers() {
        return answers.get();
    }

    /** Why it works no more; empty if it does. */
    String failure() {
        return failure;
    }

    /** Returns once the last request is answered, and leaves. */
    void finish() throws IOException, InterruptedException {
        finished = true;
        thread.join(NodesOnKafka.PATIENCE.toMillis());
        if (thread.isAlive()) {
            throw new IOException("a request was not answered");
        }
        close();
    }

    @Override
    public void close() throws IOException {
        finished = true;
        nbd.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
