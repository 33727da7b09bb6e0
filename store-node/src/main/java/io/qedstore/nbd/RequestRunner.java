package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import io.qedstore.device.BlockDevice;
import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Durability;
import io.qedstore.device.Patience;
import io.qedstore.device.ZeroOption;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.Request;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the device carry out requests that were found valid. Keeps no state; any thread may use it. */
final class RequestRunner {
    private static final Logger LOG = LoggerFactory.getLogger(RequestRunner.class);

    private final Session session;
    private final RequestValidator validator;
    private final BlockDevice device;
    private final ByteBufAllocator allocator;
    private final boolean sendsFiles;

    /** @param sendsFiles whether stretches of files can be sent as they are */
    RequestRunner(Session session, RequestValidator validator, ByteBufAllocator allocator, boolean sendsFiles) {
        this.session = session;
        this.validator = validator;
        this.device = session.export().device();
        this.allocator = allocator;
        this.sendsFiles = sendsFiles;
    }

    /**
     * Reads without waiting.
     *
     * @return the reply, to which {@code out} belongs as its first part or all of it; null if that is not possible, and
     *     then {@code out} is as it was
     */
    @Nullable
    ReadAssembly readNow(Request request, ByteBuf out) throws IOException {
        ReadAssembly reply = new ReadAssembly(session.form(), request, out, allocator, sendsFiles);
        boolean read = false;
        try {
            read = device.read(request.offset(), (int) request.length(), reply, Patience.NOW) && device.isCurrent();
        } catch (RuntimeException e) {
            throw internalError(e);
        } finally {
            if (!read) {
                reply.discard();
            }
        }
        return read ? reply : null;
    }

    /** Writes without waiting; false if that is not possible, and then nothing has happened. */
    boolean writeNow(PendingRequest request) {
        try {
            return write(request, Patience.NOW);
        } catch (OutOfMemoryError e) {
            request.failed(noMemory(e));
        } catch (RuntimeException e) {
            request.failed(internalError(e));
        }
        return true;
    }

    /** The writes until now were all for now. */
    void unplug() {
        try {
            device.unplug();
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error(
                    "writes of {} did not go on; those that cannot any more fail",
                    session.export().name(),
                    e);
        }
    }

    private static IOException noMemory(OutOfMemoryError cause) {
        return new BlockDeviceException(DeviceError.NO_MEMORY, "no memory for this request now", cause);
    }

    private static IOException internalError(RuntimeException cause) {
        return new IOException("internal error, please report it: " + cause, cause);
    }

    private boolean write(PendingRequest pending, Patience patience) {
        Request request = pending.header();
        ByteBuf payload = Objects.requireNonNull(pending.payload(), "a write without payload");
        return device.write(request.offset(), new ReceivedPayload(payload), durability(request), patience, pending);
    }

    private static Durability durability(Request request) {
        return request.has(CommandFlags.FUA) ? Durability.ON_COMPLETION : Durability.ON_FLUSH;
    }

    /** Something that ends by itself or throws. */
    @FunctionalInterface
    private interface Attempt {
        void make() throws IOException;
    }

    private static void attempt(Completion completion, Attempt attempt) {
        try {
            attempt.make();
        } catch (IOException e) {
            completion.failed(e);
        } catch (OutOfMemoryError e) {
            completion.failed(noMemory(e));
        } catch (RuntimeException e) {
            completion.failed(internalError(e));
        }
    }

    /** Carries out a request, which has ended when this returns or will end later; may wait for the disk. */
    void run(PendingRequest pending) {
        attempt(pending, () -> dispatch(pending));
    }

    /**
     * Carries out a part of a request over a long range; may wait for the disk. The part is not made durable yet.
     *
     * @param first whether it is the first part, which alone may be refused as not fast
     */
    void runStep(PendingRequest pending, long offset, long length, boolean first, Completion completion) {
        Set<ZeroOption> options = zeroOptions(pending.header());
        if (!first) {
            options.remove(ZeroOption.FAST_ZERO);
        }
        attempt(completion, () -> range(pending.command(), offset, length, options, Durability.ON_FLUSH, completion));
    }

    /** All parts are done: makes them durable if they have to be. */
    void finishSteps(PendingRequest pending) {
        if (pending.header().has(CommandFlags.FUA)) {
            attempt(pending, () -> device.sync(pending));
        } else {
            pending.succeeded();
        }
    }

    private void range(
            NbdCommand command,
            long offset,
            long length,
            Set<ZeroOption> options,
            Durability durability,
            Completion completion) {
        switch (command) {
            case TRIM -> device.trim(offset, length, durability, completion);
            case WRITE_ZEROES -> device.writeZeroes(offset, length, options, durability, completion);
            case CACHE -> device.cache(offset, length, completion);
            case READ, WRITE, DISC, FLUSH, BLOCK_STATUS, RESIZE ->
                throw new IllegalStateException(command + " has no range to be gone through");
        }
    }

    private void dispatch(PendingRequest pending) throws IOException {
        Request request = pending.header();
        switch (pending.command()) {
            case READ -> read(pending);
            case WRITE -> write(pending, Patience.WAIT);
            case FLUSH -> device.flush(pending);
            case TRIM, WRITE_ZEROES, CACHE ->
                range(
                        pending.command(),
                        request.offset(),
                        request.length(),
                        zeroOptions(request),
                        durability(request),
                        pending);
            case BLOCK_STATUS -> blockStatus(pending);
            case DISC, RESIZE -> throw new IllegalStateException(pending.command() + " is not for devices");
        }
    }

    private static Set<ZeroOption> zeroOptions(Request request) {
        Set<ZeroOption> options = EnumSet.noneOf(ZeroOption.class);
        if (request.has(CommandFlags.NO_HOLE)) {
            options.add(ZeroOption.NO_HOLE);
        }
        if (request.has(CommandFlags.FAST_ZERO)) {
            options.add(ZeroOption.FAST_ZERO);
        }
        return options;
    }

    private void read(PendingRequest pending) {
        Request request = pending.header();
        ReadAttempts attempts = new ReadAttempts(pending, session.form(), allocator, sendsFiles);
        attempt(attempts, () -> device.read(request.offset(), (int) request.length(), attempts, attempts));
    }

    private void blockStatus(PendingRequest pending) throws IOException {
        Request request = pending.header();
        Set<MetaContext> contexts = session.contexts();
        long length = request.length();
        ByteBuf payload = pending.payload();
        if (payload != null) {
            length = payload.readLong();
            contexts = EnumSet.noneOf(MetaContext.class);
            while (payload.isReadable()) {
                contexts.add(chosen(payload.readInt()));
            }
        }
        Refusal refusal = validator.checkStatusRange(request.offset(), length);
        if (refusal != null) {
            throw new RefusedException(refusal);
        }
        StatusAttempts attempts = new StatusAttempts(pending, contexts, session.form(), allocator);
        device.blockStatus(request.offset(), length, attempts, attempts);
    }

    private MetaContext chosen(int id) throws RefusedException {
        for (MetaContext context : session.contexts()) {
            if (context.id() == id) {
                return context;
            }
        }
        throw new RefusedException(RequestValidator.invalid("context " + id + " was not selected"));
    }

    /** Forgets a reply that nobody will get. */
    static void release(PendingRequest pending) {
        pending.replyParts().forEach(ReferenceCountUtil::release);
        ReferenceCountUtil.release(pending.payload());
    }
}
