package io.qedstore.backing;

import io.qedstore.content.Scrub;
import io.qedstore.event.Backing;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads all bases of the node again, one after another and slowly, and has bad blocks restored. One turn at a time. */
public final class BaseScrub {
    private static final Logger LOG = LoggerFactory.getLogger(BaseScrub.class);

    private final BaseFiles bases;
    private final long everyNanos;
    private final long bytesPerTurn;
    private final LongSupplier nanos;
    private final AtomicBoolean busy = new AtomicBoolean();

    // ---- of the turn

    private @Nullable Pass pass;

    /** When each was begun; one that is not among them has its time before it now. */
    private final Map<Backing, Long> begun = new HashMap<>();

    private record Pass(Base base, StoredBase stored, Scrub scrub) {}

    /**
     * @param every how often all of a base is read; zero: never
     * @param nanos a clock that never goes back
     */
    public BaseScrub(BaseFiles bases, Duration every, long bytesPerTurn, LongSupplier nanos) {
        this.bases = bases;
        this.everyNanos = every.toNanos();
        this.bytesPerTurn = bytesPerTurn;
        this.nanos = nanos;
    }

    /** Reads on for a while. Waits for the disk, and for the log if something has to be restored. */
    public void turn() {
        if (everyNanos == 0 || busy.getAndSet(true)) {
            return;
        }
        try {
            for (long left = bytesPerTurn; left > 0; ) {
                int read = step();
                if (read < 0) {
                    return;
                }
                left -= read;
            }
        } finally {
            busy.set(false);
        }
    }

    /** @return how much was read; -1 if there is nothing to read now */
    private int step() {
        Pass now = pass;
        if (now == null) {
            now = next().orElse(null);
            pass = now;
        }
        if (now == null) {
            return -1;
        }
        try {
            int read = now.stored().scrub(now.scrub());
            if (read < 0) {
                pass = null;
            }
            return Math.max(read, 0);
        } catch (IOException e) {
            LOG.warn("the base {} cannot be read: {}", now.base().of().fileName(), e.getMessage());
            now.base().damagedIf(e);
            pass = null;
            return 0;
        }
    }

    /** One whose time has come. */
    private Optional<Pass> next() {
        long now = nanos.getAsLong();
        Set<Backing> there = new HashSet<>();
        Optional<Pass> found = Optional.empty();
        for (Base base : bases.all()) {
            there.add(base.of());
            Long last = begun.putIfAbsent(base.of(), now);
            StoredBase stored = base.stored();
            if (found.isEmpty() && stored != null && last != null && now - last >= everyNanos) {
                begun.put(base.of(), now);
                found = Optional.of(new Pass(base, stored, new Scrub(stored.blocks())));
            }
        }
        begun.keySet().retainAll(there);
        return found;
    }
}
