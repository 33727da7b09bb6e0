package io.qedstore.verify;

import io.qedstore.content.BlockDigest;
import io.qedstore.content.KnownBlocks;
import io.qedstore.content.Scrub;
import io.qedstore.event.ContentDigest;
import io.qedstore.fold.ContentRecord;
import io.qedstore.fold.FoldedFile;
import io.qedstore.hosting.ByteRate;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Reads all of one copy's file and compares its blocks with their digests, and the sum of these with what the log says that the file
 * contained at an event that is not before the reading's end, or of a content that is the same. Nothing is restored. One thread runs
 * it; the report may be asked for by any.
 */
public final class CopyVerification {
    private static final int MAX_BAD_OFFSETS = 16;
    private static final int LOOK_MS = 50;

    private final Opening opening;
    private final ByteRate rate;
    private final ByteRate.Check goingOn;
    private final Duration patience;
    private final LongSupplier nanos;
    private volatile CopyReport report = CopyReport.BEGUN;

    /** Opens a copy, and sees to it that its owner says soon what it contains. */
    @FunctionalInterface
    public interface Opening {
        /**
         * Waits until the copy is open.
         *
         * @throws IOException if there is none that could be verified
         */
        FoldedFile open() throws IOException;
    }

    /**
     * @param goingOn asked every now and then
     * @param patience how long the log may not say what the file contains
     * @param nanos a clock that never goes back
     */
    CopyVerification(Opening opening, ByteRate rate, ByteRate.Check goingOn, Duration patience, LongSupplier nanos) {
        this.opening = opening;
        this.rate = rate;
        this.goingOn = goingOn;
        this.patience = patience;
        this.nanos = nanos;
    }

    CopyReport report() {
        return report;
    }

    void run() {
        FoldedFile file;
        try {
            file = opening.open();
        } catch (IOException | RuntimeException e) {
            report = report.ended(Verdict.UNVERIFIED, String.valueOf(e.getMessage()));
            return;
        }
        try {
            run(file);
        } catch (IOException | RuntimeException e) {
            Optional<String> difference = file.contentRecord().difference();
            report = difference.isPresent()
                    ? report.ended(Verdict.DIFFERS, difference.get())
                    : report.ended(Verdict.UNVERIFIED, String.valueOf(e.getMessage()));
        }
    }

    private void run(FoldedFile file) throws IOException {
        awaitWhole(file);
        Optional<KnownBlocks> blocks = file.blocks();
        if (blocks.isEmpty()) {
            report = report.ended(Verdict.UNVERIFIED, "its file is empty: no event has come yet");
            return;
        }
        read(file, new Scrub(blocks.get()));
        if (report.badBlocks() > 0) {
            report = report.ended(
                    Verdict.DIFFERS,
                    report.badBlocks()
                            + " blocks are not what was written there; `qedstore image scrub` has them restored");
        } else {
            report = compared(file.contentRecord(), file.holds());
        }
    }

    /** After a crash it may be in the middle of events for a while. */
    private void awaitWhole(FoldedFile file) throws IOException {
        long deadline = nanos.getAsLong() + patience.toNanos();
        while (file.holds() != file.mayHold() && nanos.getAsLong() - deadline < 0) {
            pause();
        }
        file.requireWhole();
    }

    private void read(FoldedFile file, Scrub scrub) throws IOException {
        List<Long> bad = new ArrayList<>();
        long[] count = {0};
        while (true) {
            int step = file.scrub(scrub, block -> {
                count[0]++;
                if (bad.size() < MAX_BAD_OFFSETS) {
                    bad.add(block * BlockDigest.BLOCK_BYTES);
                }
            });
            long total = file.contentRecord().sums().lengthBytes();
            long done = step < 0 ? total : Math.min(total, scrub.next() * BlockDigest.BLOCK_BYTES);
            report = new CopyReport(Verdict.RUNNING, Optional.empty(), 0, 0, done, total, count[0], bad);
            if (step < 0) {
                return;
            }
            rate.take(step, goingOn);
        }
    }

    /** Waits for the log to say what a file contains that has all that was read. */
    private CopyReport compared(ContentRecord content, long read) throws IOException {
        long deadline = nanos.getAsLong() + patience.toNanos();
        while (true) {
            Optional<CopyReport> said = said(content, read);
            if (said.isPresent()) {
                return said.get();
            }
            if (nanos.getAsLong() - deadline >= 0) {
                String last = content.verified()
                        .map(verified -> " since event " + verified.sequence())
                        .orElse("");
                return report.ended(
                        Verdict.UNVERIFIED,
                        "its blocks are as they should be, and the log has not said" + last
                                + " what they are together; that is done by the image's owner: does it live?");
            }
            pause();
        }
    }

    private Optional<CopyReport> said(ContentRecord content, long read) {
        Optional<String> difference = content.difference();
        if (difference.isPresent()) {
            return Optional.of(report.ended(Verdict.DIFFERS, difference.get()));
        }
        Optional<ContentDigest> last = content.last();
        Optional<ContentDigest> verified = content.verified();
        if (last.isEmpty() || verified.isEmpty()) {
            return Optional.empty();
        }
        long recorded = verified.get().sequence().value();
        boolean isSame = last.get().sum().equals(verified.get().sum())
                && last.get().fileLengthBytes() == verified.get().fileLengthBytes();
        long upTo = isSame ? last.get().sequence().value() : recorded;
        return upTo >= read ? Optional.of(report.ok(upTo, recorded)) : Optional.empty();
    }

    private void pause() throws IOException {
        goingOn.require();
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a copy is verified");
        }
    }
}
