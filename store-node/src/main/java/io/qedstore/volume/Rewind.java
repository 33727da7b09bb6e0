package io.qedstore.volume;

import io.qedstore.device.Completion;
import io.qedstore.device.Durability;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.copy.CopyProgress;
import io.qedstore.qed.copy.DiskComparison;
import io.qedstore.qed.file.Zeros;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes what guests see of a volume what they see of another disk, by writes like any others, so that it can be undone. Only what
 * differs is written. If it breaks off, it is begun anew: what was written no longer differs. Nobody else may write meanwhile.
 */
public final class Rewind {
    private static final int BLOCK_BYTES = 4096;
    private static final int MOST_UNDER_WAY = 8;

    /**
     * What differs.
     *
     * @param dataBytes that the other disk has, in blocks of 4 KiB
     * @param zeroBytes that are zeros there
     */
    public record Difference(long dataBytes, long zeroBytes) {}

    private final Volume volume;
    private final Semaphore room = new Semaphore(MOST_UNDER_WAY);
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    private final CopyProgress progress;
    private long doneBytes;

    private Rewind(Volume volume, CopyProgress progress) {
        this.volume = volume;
        this.progress = progress;
    }

    /** What would have to be written. */
    public static Difference difference(Volume volume, GuestImage wanted, CopyProgress progress) throws IOException {
        long[] bytes = new long[2];
        DiskComparison.forEach(volume.asImage(), wanted, BLOCK_BYTES, progress, (guestOffset, there) -> {
            bytes[Zeros.areAll(there) ? 1 : 0] += there.remaining();
            return true;
        });
        return new Difference(bytes[0], bytes[1]);
    }

    /**
     * Writes what differs; returns once all of it is in the log.
     *
     * @param progress hears every second at least, and may throw
     * @throws IOException if the image is not this node's any more, or the file cannot be read
     */
    public static void run(Volume volume, GuestImage wanted, CopyProgress progress) throws IOException {
        new Rewind(volume, progress).run(wanted);
    }

    private void run(GuestImage wanted) throws IOException {
        CopyProgress noted = (done, all) -> {
            doneBytes = done;
            progress.at(done, all);
        };
        DiskComparison.forEach(volume.asImage(), wanted, BLOCK_BYTES, noted, (guestOffset, there) -> {
            write(guestOffset, there);
            return true;
        });
        take(MOST_UNDER_WAY);
        Durable durable = new Durable();
        volume.sync(durable);
        take(1);
        IOException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }

    private void write(long guestOffset, ByteBuffer there) throws IOException {
        take(1);
        IOException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        Durable completion = new Durable();
        if (Zeros.areAll(there)) {
            volume.writeZeroes(guestOffset, there.remaining(), Set.of(), Durability.ON_FLUSH, completion);
        } else {
            ByteBuffer own = ByteBuffer.allocate(there.remaining()).put(there).flip();
            volume.write(guestOffset, Payload.of(own), Durability.ON_FLUSH, Patience.WAIT, completion);
        }
    }

    /** While the log does not answer, whoever watches may give up. */
    private void take(int permits) throws IOException {
        try {
            while (!room.tryAcquire(permits, 1, TimeUnit.SECONDS)) {
                progress.at(doneBytes, volume.sizeBytes());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while an image is rewound");
        }
    }

    private final class Durable implements Completion {
        @Override
        public void succeeded() {
            room.release();
        }

        @Override
        public void failed(IOException cause) {
            failure.compareAndSet(null, cause);
            room.release();
        }
    }
}
