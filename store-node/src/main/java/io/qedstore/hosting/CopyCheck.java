package io.qedstore.hosting;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.content.BlockSums;
import io.qedstore.content.KnownBlocks;
import io.qedstore.content.Mender;
import io.qedstore.content.Scrub;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ImageId;
import io.qedstore.fold.FoldState;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Reads a file that somebody has touched while it was closed, before anything is served from it. One that differs in some blocks is
 * still ours, and those are restored as they are met; one that differs in many is another file.
 */
final class CopyCheck {
    private static final long FEW_BLOCKS = 64;
    private static final int FEW_PERCENT = 1;

    private final Host host;
    private final ImageId image;
    private volatile boolean cancelled;
    private volatile long doneBytes;
    private volatile long allBytes;

    CopyCheck(Host host, ImageId image) {
        this.host = host;
        this.image = image;
    }

    /** Whether a file was closed in order, and looks otherwise now. */
    static boolean isDue(Host host, ImageId image) throws IOException {
        Optional<FoldState> synced = host.progress().synced(image);
        Path file = host.files().of(image);
        boolean wasClosed = synced.isPresent() && synced.equals(host.progress().ceiling(image));
        if (!wasClosed || synced.get().algorithm().isEmpty()) {
            return false; // redo touches it anyway, or nothing is in it
        }
        long sequence = synced.get().sequence().value();
        Optional<FileSeal> seal = FileSeal.read(host.files().sealOf(image));
        return seal.isPresent()
                && seal.get().sequence() == sequence
                && !seal.get().equals(FileSeal.of(file, sequence));
    }

    /** Waits for nobody any more. */
    void cancel() {
        cancelled = true;
    }

    /** For people. */
    String state() {
        return "the file was touched while it was closed, and is being read: " + doneBytes * 100 / Math.max(1, allBytes)
                + " %";
    }

    /**
     * Reads all of it.
     *
     * @return how many blocks differ if the file is another one; 0 if it may be used
     * @throws CancellationException if nobody wants to know any more
     */
    long run() throws IOException {
        DigestAlgorithm algorithm =
                host.progress().synced(image).flatMap(FoldState::algorithm).orElseThrow();
        BlockSums sums = host.progress().sums(image);
        long[] bad = new long[1];
        try (ChannelImageFile file = ChannelImageFile.open(host.files().of(image), FileAccess.READ)) {
            allBytes = Math.max(file.length(), sums.lengthBytes());
            long few = host.verifyReads() ? Math.max(FEW_BLOCKS, allBytes / BLOCK_BYTES * FEW_PERCENT / 100) : 0;
            Scrub scrub = new Scrub(new KnownBlocks(file, sums, algorithm, Mender.NONE));
            while (scrub.step(block -> bad[0]++) >= 0) {
                if (cancelled) {
                    throw new CancellationException();
                }
                doneBytes = scrub.next() * BLOCK_BYTES;
            }
            return bad[0] > few || file.length() != sums.lengthBytes() ? Math.max(1, bad[0]) : 0;
        }
    }
}
