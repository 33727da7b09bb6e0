package io.qedstore.verify;

import java.util.List;
import java.util.Optional;

/**
 * How the verification of a copy stands.
 *
 * @param detail why it differs or could not be verified
 * @param sequence of the event behind which it was found to be in order; 0 if it was not
 * @param recorded of the event of which the log said what the file contained, that this was held against; 0 if there was none
 * @param doneBytes of the file
 * @param totalBytes of the file
 * @param badBlocks how many blocks of 4 KiB are not what was written there
 * @param badOffsets where the first of them lie in the file
 */
public record CopyReport(
        Verdict verdict,
        Optional<String> detail,
        long sequence,
        long recorded,
        long doneBytes,
        long totalBytes,
        long badBlocks,
        List<Long> badOffsets) {
    /** Before anything was read. */
    static final CopyReport BEGUN = new CopyReport(Verdict.RUNNING, Optional.empty(), 0, 0, 0, 0, 0, List.of());

    public CopyReport {
        badOffsets = List.copyOf(badOffsets);
    }

    CopyReport ended(Verdict how, String why) {
        return new CopyReport(how, Optional.of(why), 0, recorded, doneBytes, totalBytes, badBlocks, badOffsets);
    }

    CopyReport ok(long upTo, long byRecorded) {
        return new CopyReport(Verdict.OK, Optional.empty(), upTo, byRecorded, doneBytes, totalBytes, 0, List.of());
    }
}
