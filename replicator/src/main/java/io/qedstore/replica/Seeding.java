package io.qedstore.replica;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.content.BlockSums;
import io.qedstore.content.ContentScan;
import io.qedstore.content.KnownBlocks;
import io.qedstore.content.Mender;
import io.qedstore.content.SummedFile;
import io.qedstore.digest.Digest;
import io.qedstore.event.ContentDigest;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.ProgressStore;
import io.qedstore.fold.Seed;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a file from another node's, part by part. After each part it is known how far it has come, so that it goes on there after a
 * crash; the parts may come from different copies. When it is whole, the file is one to be followed: it has all up to one place of
 * the log, and parts of what lies between that and another. For one thread.
 */
public final class Seeding {
    private static final long PART_BYTES = 64L << 20;

    /** The sums of so many blocks are few enough to be kept in memory. */
    private static final long ADOPTED_BLOCKS = 1 << 20;

    private final FoldState start;
    private final ProgressStore progress;
    private final ImageFile file;
    private final BlockSums sums;
    private final long partBytes;
    private @Nullable Seed seed;

    /** Where parts come from. */
    @FunctionalInterface
    public interface Source {
        /** As {@link SentCopy} makes it. */
        InputStream open(long from, long maxDataBytes) throws IOException;
    }

    /** Told of what comes; makes it wait. */
    @FunctionalInterface
    public interface Pace {
        void received(int bytes) throws IOException;
    }

    /**
     * @param start of the image's log
     * @param file empty, or as an earlier one has left it
     */
    public Seeding(FoldState start, ProgressStore progress, ImageFile file) throws IOException {
        this(start, progress, file, PART_BYTES);
    }

    Seeding(FoldState start, ProgressStore progress, ImageFile file, long partBytes) throws IOException {
        this.partBytes = partBytes;
        this.start = start;
        this.progress = progress;
        this.file = file;
        this.sums = progress.sums(start.image());
        this.seed = progress.seed(start.image()).orElse(null);
    }

    /** How far it is; empty before the first part. */
    public Optional<Seed> seed() {
        return Optional.ofNullable(seed);
    }

    /**
     * Copies a part; it survives a crash when this returns.
     *
     * @return whether the file is whole now
     * @throws IOException if the source or the disk fails; what was copied before stays
     */
    public boolean step(Source source, Pace pace) throws IOException {
        Seed before = seed;
        long from = before == null ? 0 : before.next();
        Seed after;
        try (InputStream stream = source.open(from, partBytes)) {
            ReceivedCopy part = new ReceivedCopy(stream, from);
            requireOfThisLog(part.from());
            SummedFile target = new SummedFile(
                    new KnownBlocks(file, sums, part.from().algorithm().orElseThrow(this::empty), Mender.NONE),
                    () -> false);
            target.setLength(from); // an attempt before this one may have left something
            ReceivedCopy.End end = part.readTo((fileOffset, bytes) -> {
                int length = bytes.remaining();
                target.write(fileOffset, bytes);
                pace.received(length);
            });
            requireOfThisLog(end.to());
            after = before == null
                    ? new Seed(part.from(), end.to(), end.next(), end.lengthBytes())
                    : before.with(part.from(), end.to(), end.next(), end.lengthBytes());
            if (after.isWhole() && file.length() < after.lengthBytes()) {
                target.setLength(after.lengthBytes());
            }
        }
        file.sync();
        store(progress, sums, after);
        seed = after;
        return after.isWhole();
    }

    /**
     * Notes a file that was made in another way as one to be followed; it only has to be given its name then.
     *
     * @param file on the disk; nobody changes it
     * @param at its place
     * @param expected what it contains
     * @param progress knows nothing of the image
     */
    public static void adopt(FileView file, FoldState at, ContentDigest expected, ProgressStore progress)
            throws IOException {
        BlockSums sums = progress.sums(at.image());
        long length = file.length();
        long[] unstored = new long[1];
        Digest sum = ContentScan.sum(file, at.algorithm().orElseThrow(), sums, (block, digest) -> {
            if (++unstored[0] == ADOPTED_BLOCKS) {
                unstored[0] = 0;
                store(progress, sums, new Seed(at, at, block * BLOCK_BYTES, length));
            }
        });
        if (!sum.equals(expected.sum()) || length != expected.fileLengthBytes()) {
            throw new IOException("the file of image " + at.image() + " at event " + at.sequence() + " contains " + sum
                    + " over " + length + " bytes, expected " + expected.sum() + " over "
                    + expected.fileLengthBytes());
        }
        store(progress, sums, new Seed(at, at, length, length));
    }

    private IOException empty() {
        return new IOException("the copy of image " + start.image() + " is empty");
    }

    private void requireOfThisLog(FoldState found) throws IOException {
        boolean same = found.image().equals(start.image())
                && found.lineage().equals(start.lineage())
                && found.topicId().equals(start.topicId());
        if (!same) {
            throw new IOException("found a copy of image " + found.image() + " of lineage " + found.lineage()
                    + " and topic " + found.topicId() + ", expected " + start.image() + ", " + start.lineage() + " and "
                    + start.topicId());
        }
    }

    private static void store(ProgressStore progress, BlockSums sums, Seed after) throws IOException {
        BlockSums.Change change = sums.take();
        CompletableFuture<Void> done = new CompletableFuture<>();
        progress.storeSeed(after, change, new ProgressStore.Stored() {
            @Override
            public void stored() {
                sums.stored(change);
                done.complete(null);
            }

            @Override
            public void failed(IOException cause) {
                done.completeExceptionally(cause);
            }
        });
        try {
            done.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        }
    }
}
