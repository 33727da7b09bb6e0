package io.qedstore.verify;

import io.qedstore.digest.Digest;
import java.util.Optional;

/**
 * How the verification of a log stands.
 *
 * @param detail why it differs or could not be verified, or what should be known besides
 * @param from the event behind which its chain was followed; 0 for its beginning
 * @param sequence of the last event of the chain, so far
 * @param digest of that event's record; empty before the first
 * @param doneRecords how many were read
 * @param totalRecords that there were when it began, about
 * @param voidRecords how many of those read do not count
 * @param contentDigests how many events said what the file contained
 */
public record LogReport(
        Verdict verdict,
        Optional<String> detail,
        long from,
        long sequence,
        Optional<Digest> digest,
        long doneRecords,
        long totalRecords,
        long voidRecords,
        long contentDigests) {
    /** Before anything was read. */
    static final LogReport BEGUN = new LogReport(Verdict.RUNNING, Optional.empty(), 0, 0, Optional.empty(), 0, 0, 0, 0);

    LogReport ended(Verdict how, Optional<String> why) {
        return new LogReport(how, why, from, sequence, digest, doneRecords, totalRecords, voidRecords, contentDigests);
    }
}
