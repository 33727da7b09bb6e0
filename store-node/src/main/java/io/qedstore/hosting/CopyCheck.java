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

    /**
     * Whether a file was closed in order and looks otherwise now, or was left open and is another one. What a node has written to a
     * file that it left open cannot be told from what others have since.
     */
    static boolean isDue(Host host, ImageId image) throws IOException {
        Optional<FileSeal> seal = seal(host, image);
        if (seal.isEmpty()) {
            return false;
        }
        FileSeal left = seal.get();
        FileSeal now = FileSeal.of(host.files().of(image), left.sequence());
        return wasClosed(host, image, left) ? !left.equals(now) : left.inode() != now.inode();
    }

    private static Optional<FileSeal> seal(Host host, ImageId image) throws IOException {
        return FileSeal.read(host.files().sealOf(image));
    }

    private static boolean wasClosed(Host host, ImageId image, FileSeal left) throws IOException {
        Optional<FoldState> synced = host.progress().synced(image);
        return synced.equals(host.progress().ceiling(image))
                && synced.filter(state -> state.sequence().value() == left.sequence())
                        .isPresent();
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
        Optional<DigestAlgorithm> algorithm = host.progress().synced(image).flatMap(FoldState::algorithm);
        if (algorithm.isEmpty()) {
            isAnother = true; // nothing of it was on the disk for certain
            return true;
        }
        try (ChannelImageFile file = ChannelImageFile.open(host.files().of(image), FileAccess.READ)) {
            BlockSums sums = host.progress().sums(image);
            allBytes = Math.max(file.length(), sums.lengthBytes());
            Scrub scrub = new Scrub(new KnownBlocks(file, sums, algorithm.get(), Mender.NONE), next);
            for (long left = STEP_BYTES; left > 0; ) {
                requireWanted();
                int read = scrub.step(block -> bad++);
                if (read < 0) {
                    isAnother = isAnother(file.length(), sums.lengthBytes());
                    return true;
                }
                rate.take(read, this::requireWanted);
                left -= read;
                next = scrub.next();
            }
            return false;
        }
    }

    /** One that was left open is ours only as it was synced: what redo would leave of it, nobody could tell from damage. */
    private boolean isAnother(long foundBytes, long knownBytes) throws IOException {
        Optional<FileSeal> left = seal(host, image);
        boolean isMended = host.verifyReads() && left.isPresent() && wasClosed(host, image, left.get());
        long few = isMended ? Math.max(FEW_BLOCKS, allBytes / BLOCK_BYTES * FEW_PERCENT / 100) : 0;
        return bad > few || foundBytes != knownBytes;
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
