package io.qedstore.verify;

import io.qedstore.event.Epoch;
import io.qedstore.fold.EpochStatus;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.history.HistoryBeginning;
import io.qedstore.history.HistoryWindow;
import io.qedstore.hosting.ByteRate;
import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import io.qedstore.rebuild.LogWalk;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.util.Optional;

/**
 * Follows the chain of a log from its beginning, or from the earliest checkpoint where that is gone, to its end, and makes sure that it
 * goes through an event that is known. One thread runs it; the report may be asked for by any.
 */
public final class LogVerification {
    private final Opening opening;
    private final ByteRate rate;
    private final ByteRate.Check goingOn;
    private volatile LogReport report = LogReport.BEGUN;

    /** Whether the last record that was read does not count. Of the thread that runs it. */
    private boolean endsVoid;

    /**
     * A log that is to be verified.
     *
     * @param known a place that it must lead to, from a copy that has followed it
     */
    public record Opened(RebuildSource source, Optional<FoldState> known) {}

    /** Opens it. */
    @FunctionalInterface
    public interface Opening {
        /** Waits for the brokers. */
        Opened open() throws IOException;
    }

    /** @param goingOn asked every now and then */
    LogVerification(Opening opening, ByteRate rate, ByteRate.Check goingOn) {
        this.opening = opening;
        this.rate = rate;
        this.goingOn = goingOn;
    }

    LogReport report() {
        return report;
    }

    void run() {
        try {
            run(opening.open());
        } catch (LogException.Foreign | LogException.NotUnderstood | LogException.Truncated e) {
            report = report.ended(Verdict.DIFFERS, Optional.of(String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException e) {
            report = report.ended(Verdict.UNVERIFIED, Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private void run(Opened log) throws IOException {
        HistoryBeginning beginning = HistoryBeginning.find(log.source(), HistoryWindow.ALL);
        try {
            follow(log, beginning.place());
        } catch (LogException.Gap e) {
            throw log.source().notCovered(e);
        }
    }

    private void follow(Opened log, FoldState from) throws IOException {
        long first = from.position().nextOffset();
        report = new LogReport(
                Verdict.RUNNING,
                Optional.empty(),
                from.sequence().value(),
                from.sequence().value(),
                from.lastEvent().map(place -> from.digest()),
                0,
                Math.max(0, log.source().log().endOffset() - first),
                0,
                0);
        Optional<FoldState> known =
                log.known().filter(place -> place.algorithm().isPresent());
        LogWalk walk = new LogWalk(log.source().log(), from, log.source().patience());
        walk.walkRecords((stored, judged, after) -> next(known, stored, judged, after));
        if (report.verdict() == Verdict.RUNNING) {
            report = judge(walk.state(), known);
        }
    }

    private boolean next(Optional<FoldState> known, StoredRecord stored, Fold.Judged judged, FoldState after)
            throws IOException {
        endsVoid = judged.verdict().isVoid();
        boolean says =
                judged.toApply().flatMap(event -> event.body().contentDigest()).isPresent();
        report = new LogReport(
                Verdict.RUNNING,
                Optional.empty(),
                report.from(),
                after.sequence().value(),
                after.lastEvent().map(place -> after.digest()),
                report.doneRecords() + 1,
                Math.max(report.totalRecords(), report.doneRecords() + 1),
                report.voidRecords() + (endsVoid ? 1 : 0),
                report.contentDigests() + (says ? 1 : 0));
        if (known.isPresent() && isOther(after, known.get())) {
            report = report.ended(
                    Verdict.DIFFERS,
                    Optional.of("event " + after.sequence() + " has digest " + after.digest()
                            + ", and this node's copy followed one with digest "
                            + known.get().digest() + ": the log was changed"));
            return false;
        }
        rate.take(stored.bytes().remaining(), goingOn);
        return true;
    }

    private static boolean isOther(FoldState after, FoldState known) {
        return after.sequence().equals(known.sequence()) && !after.digest().equals(known.digest());
    }

    private LogReport judge(FoldState end, Optional<FoldState> known) {
        if (known.isPresent() && end.sequence().compareTo(known.get().sequence()) < 0) {
            return report.ended(
                    Verdict.DIFFERS,
                    Optional.of("its chain ends at event " + end.sequence() + ", and this node's copy has event "
                            + known.get().sequence() + ": records were lost or changed"));
        }
        if (endsVoid && end.epochStatus() == EpochStatus.BROKEN) {
            Epoch epoch = end.epoch();
            return report.ended(
                    Verdict.DIFFERS,
                    Optional.of(
                            "behind event " + end.sequence() + " of epoch " + epoch
                                    + " come records that do not continue the chain, and no claim since: a record before them was"
                                    + " lost or changed, or the owner is about to claim the image anew; try again in a moment"));
        }
        return report.ended(Verdict.OK, Optional.empty());
    }
}
