package io.qedstore.hosting;

import io.qedstore.content.KnownBlocks;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.LogFollower;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.log.LogException;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnerClock;
import io.qedstore.volume.Volume;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts together how a copy is, of what it consists of at the moment. */
record StatusOfCopy(
        OwnerClock clock, @Nullable CopyFile file, @Nullable Volume volume) {
    /** A log that has not answered for so long is spoken of. */
    private static final Duration LONG_WAIT = Duration.ofSeconds(2);

    /**
     * @param detail what there is to be said of the stage, before anything of the log
     * @param ownerless what there is to be said of the image's owner, behind all else
     */
    CopyStatus with(
            Stage stage,
            Optional<String> detail,
            Optional<String> ownerless,
            @Nullable LogOwner owner,
            @Nullable LogFollower follower) {
        if (owner != null) {
            Duration unanswered = owner.unanswered();
            return status(
                    stage,
                    detail.or(() -> waitsFor(unanswered)),
                    Optional.of(owner.state()),
                    0,
                    0,
                    Duration.ZERO,
                    unanswered);
        }
        if (follower != null) {
            LogFollower.Status status = follower.status();
            return status(
                    stage,
                    detail.or(() -> waitsFor(status)).or(() -> ownerless),
                    Optional.of(status.state()),
                    status.lagRecords(),
                    status.lagBytes(),
                    status.lagRecords() == 0 ? Duration.ZERO : age(status.state()),
                    Duration.ZERO);
        }
        return status(stage, detail, Optional.empty(), 0, 0, Duration.ZERO, Duration.ZERO);
    }

    private CopyStatus status(
            Stage stage,
            Optional<String> detail,
            Optional<FoldState> folded,
            long lagRecords,
            long lagBytes,
            Duration lag,
            Duration wait) {
        CopyFile there = file;
        return new CopyStatus(
                stage,
                detail,
                folded,
                there == null ? 0 : there.folded().applied().sequence().value(),
                there == null ? 0 : there.folded().synced().sequence().value(),
                there == null ? 0 : verified(there),
                there == null
                        ? 0
                        : there.folded().blocks().map(KnownBlocks::restored).orElse(0L),
                lagRecords,
                lagBytes,
                lag,
                pendingBytes(there),
                wait);
    }

    private long pendingBytes(@Nullable CopyFile there) {
        if (volume != null) {
            return volume.pendingBytes();
        }
        return there == null ? 0 : there.folded().waitingBytes();
    }

    private Duration age(FoldState state) {
        long micros = Math.max(0, clock.wallMicros() - state.timeMicros());
        return Duration.ofMillis(micros / 1000);
    }

    private static long verified(CopyFile file) {
        return file.folded()
                .contentRecord()
                .verified()
                .map(confirmed -> confirmed.sequence().value())
                .orElse(0L);
    }

    private static Optional<String> waitsFor(Duration unanswered) {
        return unanswered.compareTo(LONG_WAIT) < 0
                ? Optional.empty()
                : Optional.of("waiting for the log: it has not answered for " + unanswered.toSeconds()
                        + " s; look whether the brokers are well");
    }

    private static Optional<String> waitsFor(LogFollower.Status status) {
        LogException cause = status.waitingFor();
        if (cause != null) {
            return Optional.of("waiting for the log: " + cause.getMessage());
        }
        return status.isWaitingForClaim()
                ? Optional.of("waiting for a claim: an event of epoch "
                        + status.state().epoch() + " was lost")
                : Optional.empty();
    }
}
