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

/**
 * Reads a file that somebody has touched while it was closed, before anything is served from it. One that differs in some blocks is
 * still ours, and those are restored as they are met; one that differs in many is another file.
 */
final class CopyCheck implements SeedQueue.Job {
    private static final long FEW_BLOCKS = 64;
    private static final int FEW_PERCENT = 1;

    /** By turns with copies that are being made. */
    private static final long STEP_BYTES = 16L << 20;

    private final Host host;
    private final ImageId image;
    private final Outcome outcome;
    private volatile boolean cancelled;
    private volatile long next;
    private volatile long allBytes;

    // ---- of the steps, which come one after another

    private long bad;
    private boolean isAnother;

    /** What came of it. Called once, by any thread. */
    interface Outcome {
        /** @param badBlocks how many differ if the file is another one; 0 if it may be used */
        void read(long badBlocks);

        void failed(IOException cause);
    }

    CopyCheck(Host host, ImageId image, Outcome outcome) {
        this.host = host;
        this.image = image;
        this.outcome = outcome;
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

    @Override
    public void cancel() {
        cancelled = true;
    }

    @Override
    public String state() {
        return "the file was touched while it was closed, and is being read: "
                + Math.min(100, next * BLOCK_BYTES * 100 / Math.max(1, allBytes)) + " %";
    }

    @Override
    public boolean step(ByteRate rate) throws IOException {
        DigestAlgorithm algorithm =
                host.progress().synced(image).flatMap(FoldState::algorithm).orElseThrow();
        try (ChannelImageFile file = ChannelImageFile.open(host.files().of(image), FileAccess.READ)) {
            BlockSums sums = host.progress().sums(image);
            allBytes = Math.max(file.length(), sums.lengthBytes());
            Scrub scrub = new Scrub(new KnownBlocks(file, sums, algorithm, Mender.NONE), next);
            for (long left = STEP_BYTES; left > 0; ) {
                requireWanted();
                int read = scrub.step(block -> bad++);
                if (read < 0) {
                    long few =
                            host.verifyReads() ? Math.max(FEW_BLOCKS, allBytes / BLOCK_BYTES * FEW_PERCENT / 100) : 0;
                    isAnother = bad > few || file.length() != sums.lengthBytes();
                    return true;
                }
                rate.take(read, this::requireWanted);
                left -= read;
                next = scrub.next();
            }
            return false;
        }
    }

    private void requireWanted() throws IOException {
        if (cancelled) {
            throw new IOException("nobody wants to know any more");
        }
    }

    @Override
    public void done() {
        outcome.read(isAnother ? Math.max(1, bad) : 0);
    }

    @Override
    public void failed(IOException cause) {
        outcome.failed(cause);
    }
}
