package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.faults.StampedDisk.Promise;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * An image that is written all the time in its first part. Behind that lies one sector that was written once, in a cluster
 * and a block of the L2 table of its own: damage there stays until it is found. One thread.
 */
final class DamagedDisk implements Closeable {
    /** Guest offset of the quiet sector. */
    static final int QUIET = 8 << 20;

    static final String[] OPTIONS = {"--cluster-size=8k", "--table-size=2", "--cache=writethrough"};

    private static final int SECTORS = 8192;
    private static final int MAX_SECTORS = 64;
    private static final int FILL_SECTORS = 256;
    private static final int QUIET_BYTES = 1 << 16; // its cluster, and what is behind that

    final String image;
    final StampedDisk disk;
    private final byte[] quiet = new byte[QUIET_BYTES];
    private @Nullable StampingClient writer;
    private @Nullable CheckingReader reader;

    DamagedDisk(int number, String image) {
        this.image = image;
        this.disk = new StampedDisk(number, SECTORS, Promise.WHEN_ANSWERED);
    }

    /** Writes all of it once, so that its file is as long as it gets. */
    void fill(String uri) throws IOException {
        try (PlainNbdClient nbd = new PlainNbdClient(uri)) {
            for (int first = 0; first < SECTORS; first += FILL_SECTORS) {
                StampedDisk.Write write = disk.offer(first, FILL_SECTORS);
                assertThat(write).isNotNull();
                if (write != null) {
                    write(nbd, (long) first * StampedDisk.SECTOR, disk.data(write));
                    disk.answered(write.number());
                }
            }
        }
        writeQuiet(uri, 0);
    }

    private static void write(PlainNbdClient nbd, long guestOffset, byte[] data) throws IOException {
        nbd.send(PlainNbdClient.WRITE, PlainNbdClient.FUA, 1, guestOffset, data.length, data);
        assertThat(nbd.receive().error()).as("a write at " + guestOffset).isZero();
    }

    /** Writes one of the eight sectors of the quiet cluster's first block. */
    void writeQuiet(String uri, int sector) throws IOException {
        byte[] data = new byte[StampedDisk.SECTOR];
        Arrays.fill(data, (byte) (0x51 + sector));
        System.arraycopy(data, 0, quiet, sector * StampedDisk.SECTOR, data.length);
        try (PlainNbdClient nbd = new PlainNbdClient(uri)) {
            write(nbd, QUIET + (long) sector * StampedDisk.SECTOR, data);
        }
    }

    /** Reads the quiet part, which is as it was written. */
    void requireQuiet(String uri, String when) throws IOException {
        try (PlainNbdClient nbd = new PlainNbdClient(uri)) {
            assertThat(nbd.read(QUIET, QUIET_BYTES))
                    .as("the quiet part of " + image + ", " + when)
                    .isEqualTo(quiet);
        }
    }

    /** A copy that is being made, or is redone after a crash, is not given out to be read. */
    void awaitReadable(String uri) throws InterruptedException {
        NodesOnKafka.await("a copy of " + image + " to be read", () -> {
            try {
                new PlainNbdClient(uri).close();
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** A client writes and another reads from now on. */
    void attach(String writerUri, String readerUri, Random random) throws IOException {
        writer = new StampingClient(writerUri, disk, random.nextLong(), MAX_SECTORS);
        reader = new CheckingReader(readerUri, disk, random.nextLong());
    }

    void awaitAnswers(int count) throws InterruptedException {
        long wanted = disk.answers() + count;
        NodesOnKafka.await("writes to " + image, () -> {
            requireGood("while it is written");
            return disk.answers() >= wanted;
        });
    }

    void requireGood(String when) {
        assertThat(writer != null && writer.isWriting())
                .as(image + " has its client, " + when)
                .isTrue();
        assertThat(reader == null ? null : reader.wrong())
                .as("what was read of " + image + ", " + when)
                .isEmpty();
    }

    /** The clients end in peace. */
    void detach() throws IOException, InterruptedException {
        StampingClient writing = writer;
        if (writing != null) {
            writing.finish();
            requireGood("at the end");
        }
        close();
    }

    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.close();
            reader = null;
        }
        if (writer != null) {
            writer.close();
            writer = null;
        }
    }
}
