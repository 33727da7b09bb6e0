package io.qedstore.nbd;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.Request;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;

/**
 * A request without payload over a range that takes long: carried out step by step, each behind what others have asked for
 * meanwhile. It ends with the step that is under way when its connection is closed.
 *
 * <p>One step runs at a time, so the fields need no guard.
 */
final class LongRange implements Completion {
    private static final long STEP_BYTES = 1L << 30;

    /** Longer ones make up an enormous range, so that there are no more than about this many. */
    private static final int MAX_STEPS = 1 << 13;

    /** For those that write every byte. */
    private static final long WRITTEN_STEP_BYTES = 8L << 20;

    private final PendingRequest pending;
    private final RequestRunner runner;
    private final Executor executor;
    private final HeldBack heldBack;
    private final BooleanSupplier closed;
    private final long end;
    private long at;

    /** @param heldBack where each step waits that the device does not take yet */
    LongRange(
            PendingRequest pending,
            RequestRunner runner,
            Executor executor,
            HeldBack heldBack,
            BooleanSupplier closed) {
        this.pending = pending;
        this.runner = runner;
        this.executor = executor;
        this.heldBack = heldBack;
        this.closed = closed;
        this.at = pending.header().offset();
        this.end = at + pending.header().length();
    }

    /** Whether a request is one to be carried out in steps. */
    static boolean is(PendingRequest pending) {
        NbdCommand command = pending.command();
        boolean ranged =
                command == NbdCommand.TRIM || command == NbdCommand.WRITE_ZEROES || command == NbdCommand.CACHE;
        return ranged && pending.header().length() > stepBytes(pending.header());
    }

    private static long stepBytes(Request request) {
        return request.has(CommandFlags.NO_HOLE)
                ? WRITTEN_STEP_BYTES
                : Math.max(STEP_BYTES, Long.highestOneBit(request.length() / MAX_STEPS));
    }

    /** Puts the next step at the end of the queue, once the device takes it. */
    void proceed() {
        long stepBytes = nextAt() - at;
        if (heldBack.tryBegin(stepBytes)) {
            enqueue();
            return;
        }
        heldBack.begin(stepBytes, new Completion() {
            @Override
            public void succeeded() {
                enqueue();
            }

            @Override
            public void failed(IOException cause) {
                pending.failed(cause);
            }
        });
    }

    /** To a multiple of a step, and never less than one: what is refused as not fast is refused by the first. */
    private long nextAt() {
        long step = stepBytes(pending.header());
        long boundary = Math.min(end, ((at + step - 1) & -step) + step);
        return boundary > 0 ? boundary : end;
    }

    private void enqueue() {
        try {
            executor.execute(this::step);
        } catch (RejectedExecutionException e) {
            failed(new BlockDeviceException(DeviceError.SHUTTING_DOWN, "this server is shutting down"));
        }
    }

    private void step() {
        if (closed.getAsBoolean()) {
            failed(new IOException("the connection is closed"));
            return;
        }
        long start = at;
        at = nextAt();
        runner.runStep(pending, start, at - start, start == pending.header().offset(), this);
    }

    @Override
    public void succeeded() {
        if (at < end) {
            proceed();
        } else {
            runner.finishSteps(pending);
        }
    }

    @Override
    public void failed(IOException cause) {
        pending.failed(cause);
    }

    @Override
    public boolean isWanted() {
        return !closed.getAsBoolean();
    }
}
