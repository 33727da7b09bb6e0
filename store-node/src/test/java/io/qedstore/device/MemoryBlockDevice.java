package io.qedstore.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that does what it is told: hold requests back, refuse those that must not wait, fail. It notes every
 * request that it is given. Pages of 4 KiB are data once they were written, and holes before and after a trim or zero write.
 *
 * <p>Thread-safe; closing it lets everything go on that it holds back.
 */
public final class MemoryBlockDevice implements BlockDevice {
    public static final int PAGE_BYTES = 4096;

    private static final int HELD_FOR_SECONDS = 60;

    /** What a request does. */
    public enum Kind {
        READ,
        WRITE,
        ZERO,
        TRIM,
        CACHE,
        FLUSH,
        STATUS
    }

    /**
     * A request that was taken.
     *
     * @param flags its durability, zero options and the like
     */
    public record Call(Kind kind, long offset, long lengthBytes, Set<?> flags) {}

    private final long sizeBytes;

    /** Guarded by itself. */
    private final TreeMap<Long, byte[]> pages = new TreeMap<>();

    private final List<Gate> gates = new CopyOnWriteArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private volatile boolean readOnly;
    private volatile boolean refusingNow;
    private volatile boolean keeping;
    private final Queue<Kept> kept = new ConcurrentLinkedQueue<>();
    private final Queue<Completion> plugged = new ConcurrentLinkedQueue<>();

    /** Guarded by itself, as is whether the device is current. */
    private final List<Completion> waitingToBeCurrent = new ArrayList<>();

    private boolean current = true;
    private volatile DurabilityScope scope = DurabilityScope.DEVICE;
    private volatile @Nullable Failure failure;
    private volatile @Nullable FileChannel file;

    /** What fails, and how. */
    private record Failure(
            Predicate<Call> which,
            IOException checked,
            @Nullable RuntimeException unchecked) {}

    public MemoryBlockDevice(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    // ---- switches

    /** Holds requests back until it is opened. Those that must not wait are refused instead. */
    public static final class Gate {
        private final Predicate<Call> which;
        private final Semaphore arrivals = new Semaphore(0);
        private final CountDownLatch open = new CountDownLatch(1);

        private Gate(Predicate<Call> which) {
            this.which = which;
        }

        /** Waits until so many requests more stand before it. */
        public void awaitArrivals(int count) throws InterruptedException {
            if (!arrivals.tryAcquire(count, HELD_FOR_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(
                        "of " + count + " requests only " + arrivals.availablePermits() + " came to the device");
            }
        }

        /** How many requests came, less those that were waited for. */
        public int arrivals() {
            return arrivals.availablePermits();
        }

        public void open() {
            open.countDown();
        }

        private boolean holds(Call call) {
            return open.getCount() > 0 && which.test(call);
        }

        private void pass() {
            arrivals.release();
            try {
                if (!open.await(HELD_FOR_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("a request was held back and forgotten");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    public Gate hold(Predicate<Call> which) {
        Gate gate = new Gate(which);
        gates.add(gate);
        return gate;
    }

    public Gate hold(Kind kind) {
        return hold(call -> call.kind() == kind);
    }

    public MemoryBlockDevice readOnly() {
        readOnly = true;
        return this;
    }

    public MemoryBlockDevice scope(DurabilityScope value) {
        scope = value;
        return this;
    }

    /** Whether requests that must not wait are all refused, as if nothing were cached. */
    public MemoryBlockDevice refuseNow(boolean refuse) {
        refusingNow = refuse;
        return this;
    }

    public void fail(Predicate<Call> which, IOException cause) {
        failure = new Failure(which, cause, null);
    }

    /** As a device with a bug does. */
    public void throwFor(Predicate<Call> which, RuntimeException cause) {
        failure = new Failure(which, new IOException(cause), cause);
    }

    public void heal() {
        failure = null;
    }

    /** Answers long reads with stretches of this file, which has the disk's size and is not this class's to close. */
    public void sendFrom(FileChannel channel) {
        file = channel;
    }

    /** From now on what was read is told to nobody before {@link #becomeCurrent}. */
    public void loseCurrency() {
        synchronized (waitingToBeCurrent) {
            current = false;
        }
    }

    /** @param cause null if what was read is right */
    public void becomeCurrent(@Nullable IOException cause) {
        List<Completion> waiting;
        synchronized (waitingToBeCurrent) {
            current = cause == null;
            waiting = List.copyOf(waitingToBeCurrent);
            waitingToBeCurrent.clear();
        }
        waiting.forEach(completion -> {
            if (cause == null) {
                completion.succeeded();
            } else {
                completion.failed(cause);
            }
        });
    }

    /** How many wait to hear whether what they read is right. */
    public int waitingToBeCurrent() {
        synchronized (waitingToBeCurrent) {
            return waitingToBeCurrent.size();
        }
    }

    /** From now on writes complete at once, and their bytes are looked at and let go only by {@link #takeKept}. */
    public void keepPayloads() {
        keeping = true;
    }

    /** Puts what was kept where it belongs. */
    public void takeKept() {
        keeping = false;
        for (Kept write = kept.poll(); write != null; write = kept.poll()) {
            put(write.offset(), write.data().bytes());
            write.data().letGo();
        }
    }

    private record Kept(long offset, Payload data) {}

    // ---- what happened

    public List<Call> calls() {
        synchronized (calls) {
            return List.copyOf(calls);
        }
    }

    public long count(Kind kind) {
        return calls().stream().filter(call -> call.kind() == kind).count();
    }

    /** The disk's bytes now. */
    public byte[] content(long offset, int lengthBytes) {
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        synchronized (pages) {
            forPages(offset, lengthBytes, (page, inPage, count) -> {
                byte[] content = pages.get(page);
                if (content == null) {
                    bytes.position(bytes.position() + count);
                } else {
                    bytes.put(content, inPage, count);
                }
            });
        }
        return bytes.array();
    }

    /** Writes without anybody's noticing. */
    public void fill(long offset, byte[] bytes) {
        put(offset, ByteBuffer.wrap(bytes));
    }

    // ---- the device

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public DurabilityScope durabilityScope() {
        return scope;
    }

    @Override
    public int preferredBlockBytes() {
        return PAGE_BYTES;
    }

    private Call call(Kind kind, long offset, long lengthBytes, Object... flags) {
        if (kind != Kind.FLUSH
                && (offset < 0 || lengthBytes < 1 || offset > sizeBytes || lengthBytes > sizeBytes - offset)) {
            throw new AssertionError(kind + " of " + lengthBytes + " bytes at " + offset + " leaves the disk");
        }
        return new Call(kind, offset, lengthBytes, Set.copyOf(Arrays.asList(flags)));
    }

    /** Waits where it has to, and notes the request as begun; false if it would have to wait and must not. */
    private boolean begin(Call call, Patience patience) throws IOException {
        if (patience == Patience.NOW && refusingNow) {
            return false;
        }
        for (Gate gate : gates) {
            if (gate.holds(call)) {
                if (patience == Patience.NOW) {
                    return false;
                }
                gate.pass();
            }
        }
        synchronized (calls) {
            calls.add(call);
        }
        Failure failing = failure;
        if (failing != null && failing.which().test(call)) {
            if (failing.unchecked() != null) {
                throw failing.unchecked();
            }
            throw failing.checked();
        }
        return true;
    }

    @Override
    public boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException {
        if (!begin(call(Kind.READ, guestOffset, lengthBytes, patience), patience)) {
            return false;
        }
        FileChannel source = file;
        if (source != null && reply.takesFile(lengthBytes)) {
            reply.file(source, guestOffset, lengthBytes);
            return true;
        }
        ReadPieces pieces = new ReadPieces(content(guestOffset, lengthBytes), reply);
        extents(guestOffset, lengthBytes, pieces);
        pieces.end();
        return true;
    }

    @Override
    public boolean isCurrent() {
        synchronized (waitingToBeCurrent) {
            return current;
        }
    }

    @Override
    public void whenCurrent(Completion completion) {
        synchronized (waitingToBeCurrent) {
            if (!current) {
                waitingToBeCurrent.add(completion);
                return;
            }
        }
        completion.succeeded();
    }

    @Override
    public boolean write(
            long guestOffset, Payload data, Durability durability, Patience patience, Completion completion) {
        ByteBuffer bytes = data.bytes();
        Call call = call(Kind.WRITE, guestOffset, bytes.remaining(), durability, patience);
        try {
            if (!begin(call, patience)) {
                return false;
            }
        } catch (IOException e) {
            completion.failed(e);
            return true;
        }
        if (keeping) {
            data.keep();
            kept.add(new Kept(guestOffset, data));
        } else {
            put(guestOffset, bytes);
        }
        if (patience == Patience.NOW) {
            plugged.add(completion);
        } else {
            completion.succeeded();
        }
        return true;
    }

    /** Nothing that was written with {@link Patience#NOW} completes before. */
    @Override
    public void unplug() {
        for (Completion next = plugged.poll(); next != null; next = plugged.poll()) {
            next.succeeded();
        }
    }

    @Override
    public void writeZeroes(
            long guestOffset, long lengthBytes, Set<ZeroOption> options, Durability durability, Completion completion) {
        List<Object> flags = new ArrayList<>(options);
        flags.add(durability);
        change(call(Kind.ZERO, guestOffset, lengthBytes, flags.toArray()), completion);
    }

    @Override
    public void trim(long guestOffset, long lengthBytes, Durability durability, Completion completion) {
        change(call(Kind.TRIM, guestOffset, lengthBytes, durability), completion);
    }

    private void change(Call call, Completion completion) {
        try {
            begin(call, Patience.WAIT);
        } catch (IOException e) {
            completion.failed(e);
            return;
        }
        clear(call.offset(), call.lengthBytes());
        completion.succeeded();
    }

    @Override
    public void cache(long guestOffset, long lengthBytes) throws IOException {
        begin(call(Kind.CACHE, guestOffset, lengthBytes), Patience.WAIT);
    }

    @Override
    public void flush(Completion completion) {
        try {
            begin(call(Kind.FLUSH, 0, 0), Patience.WAIT);
        } catch (IOException e) {
            completion.failed(e);
            return;
        }
        completion.succeeded();
    }

    @Override
    public void blockStatus(long guestOffset, long lengthBytes, BlockStatusSink sink) throws IOException {
        begin(call(Kind.STATUS, guestOffset, lengthBytes), Patience.WAIT);
        extents(guestOffset, lengthBytes, sink);
    }

    @Override
    public void close() {
        gates.forEach(Gate::open);
    }

    /** Gives neighbouring stretches of one kind to a reply as one. */
    private static final class ReadPieces implements BlockStatusSink {
        private final byte[] content;
        private final ReadReply reply;
        private int given;
        private int gathered;
        private Allocation kind = Allocation.HOLE;

        ReadPieces(byte[] content, ReadReply reply) {
            this.content = content;
            this.reply = reply;
        }

        @Override
        public boolean extent(long lengthBytes, Allocation allocation, int depth) {
            if (allocation != kind) {
                end();
            }
            kind = allocation;
            gathered += (int) lengthBytes;
            return true;
        }

        void end() {
            if (gathered > 0 && kind == Allocation.HOLE) {
                reply.zeroes(gathered);
            } else if (gathered > 0) {
                reply.bytes(gathered).put(content, given, gathered);
            }
            given += gathered;
            gathered = 0;
        }
    }

    // ---- pages

    /** Stretches inside one page. */
    @FunctionalInterface
    private interface InPage {
        void at(long page, int inPage, int count);
    }

    private static void forPages(long offset, long lengthBytes, InPage action) {
        for (long done = 0; done < lengthBytes; ) {
            int inPage = (int) ((offset + done) % PAGE_BYTES);
            int count = (int) Math.min(lengthBytes - done, PAGE_BYTES - inPage);
            action.at((offset + done) / PAGE_BYTES, inPage, count);
            done += count;
        }
    }

    private void put(long offset, ByteBuffer data) {
        synchronized (pages) {
            forPages(
                    offset,
                    data.remaining(),
                    (page, inPage, count) ->
                            data.get(pages.computeIfAbsent(page, number -> new byte[PAGE_BYTES]), inPage, count));
        }
    }

    private void clear(long offset, long lengthBytes) {
        synchronized (pages) {
            long end = offset + lengthBytes;
            for (Long page : List.copyOf(pages.subMap(offset / PAGE_BYTES, true, (end - 1) / PAGE_BYTES, true)
                    .keySet())) {
                int from = (int) Math.max(0, offset - page * PAGE_BYTES);
                int to = (int) Math.min(PAGE_BYTES, end - page * PAGE_BYTES);
                if (to - from == PAGE_BYTES) {
                    pages.remove(page);
                } else {
                    Arrays.fill(pages.get(page), from, to, (byte) 0);
                }
            }
        }
    }

    /** Page by page where there is data, holes as a whole. */
    private void extents(long offset, long lengthBytes, BlockStatusSink sink) {
        long end = offset + lengthBytes;
        boolean wanted = true;
        for (long at = offset; at < end && wanted; ) {
            long page = at / PAGE_BYTES;
            Long data;
            synchronized (pages) {
                data = pages.ceilingKey(page);
            }
            boolean hole = data == null || data > page;
            long inPage = PAGE_BYTES - at % PAGE_BYTES;
            long length = Math.min(end - at, !hole ? inPage : data == null ? end - at : data * PAGE_BYTES - at);
            wanted = sink.extent(length, hole ? Allocation.HOLE : Allocation.DATA, hole ? 0 : 1);
            at += length;
        }
    }
}
