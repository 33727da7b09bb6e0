package io.qedstore.hosting;

import io.qedstore.rebuild.RebuildWatcher;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.function.BooleanSupplier;

/** Looks for room as a file that is being made grows, and whether the node goes on. */
public final class RoomWatch implements RebuildWatcher {
    private static final long EVERY_BYTES = 16L << 20;

    private final BooleanSupplier stopping;
    private final Room room;
    private long unasked;

    /** @param room asked for each {@value #EVERY_BYTES} bytes */
    public RoomWatch(BooleanSupplier stopping, Room room) {
        this.stopping = stopping;
        this.room = room;
    }

    @Override
    public void copied(int bytes) throws IOException {
        grown(bytes);
    }

    @Override
    public void redone(long bytes) throws IOException {
        grown(bytes);
    }

    private void grown(long bytes) throws IOException {
        if (stopping.getAsBoolean()) {
            throw new InterruptedIOException("the node stops");
        }
        unasked += bytes;
        if (unasked >= EVERY_BYTES) {
            unasked = 0;
            room.require();
        }
    }
}
