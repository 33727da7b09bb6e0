package io.qedstore.volume;

import io.qedstore.device.BlockDevice;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.device.Completion;
import io.qedstore.device.Durability;
import io.qedstore.device.DurabilityScope;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.device.ReadReply;
import io.qedstore.device.ZeroOption;
import io.qedstore.device.image.ImageReads;
import io.qedstore.device.image.ZeroRequest;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.Operation;
import io.qedstore.event.Sequence;
import io.qedstore.fold.ContentRecord;
import io.qedstore.fold.FoldState;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnershipException;
import io.qedstore.owner.Tenure;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.NeedCheckTimer;
import io.qedstore.qed.PlanSink;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.alloc.Plan;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An image that this node owns, as a block device. A change is planned, shown by the {@link Overlay}, and put into an event; it
 * completes when the log has the event, or with {@link CacheMode#WRITEBACK}, once a client has shown by a flush that it knows what
 * that means, as soon as it is planned. The file gets it after that.
 *
 * <p>Whoever made the owner and the followed file tells the volume of them: {@link #applied}, {@link #ended} and, once a second,
 * {@link #tick}.
 */
public final class Volume implements BlockDevice {
    /** A request of up to so many bytes is one event; longer ones are cut at the boundaries of clusters. */
    private static final int MAX_ATOMIC_BYTES = 512 << 10;

    private final QedImage image;
    private final ImageReads reads;
    private final EventQueue queue;
    private final LeaseWatch lease;
    private final Admission admission;
    private final VolumeSettings settings;
    private final int clusterBytes;
    private final AtomicLong allocations = new AtomicLong();

    /** A client knows that writes are durable after a flush only. */
    private volatile boolean flushSeen;

    private final Tenure tenure;
    private final NeedCheckTimer needCheckTimer = new NeedCheckTimer(allocations::get, this::markClean);

    private Volume(
            QedImage image,
            LogOwner owner,
            EventQueue queue,
            PendingBudget budget,
            VolumeSettings settings,
            Executor workers) {
        this.image = image;
        this.reads = new ImageReads(image);
        this.queue = queue;
        this.lease = new LeaseWatch(owner);
        this.tenure = owner.tenure();
        this.admission = new Admission(queue::pendingBytes, settings.maxPendingBytes(), budget, workers);
        this.settings = settings;
        this.clusterBytes = Math.toIntExact(image.header().clusterSize());
    }

    /**
     * Opens an image that was taken, and whose file has everything up to the owner's place.
     *
     * @param file not closed with the volume
     * @param content of that file
     * @param backing closed with the volume
     * @param budget of all volumes together
     * @param workers run requests that had to wait
     */
    public static Volume open(
            String name,
            FileView file,
            ContentRecord content,
            @Nullable GuestImage backing,
            LogOwner owner,
            FoldState taken,
            PendingBudget budget,
            VolumeSettings settings,
            Executor workers)
            throws IOException {
        Overlay overlay = new Overlay(file);
        EventQueue queue = new EventQueue(owner, overlay, budget, taken.sequence(), content);
        HeaderReader start = HeaderReader.read(file, HeaderLayout.FINAL);
        QedImage image =
                QedImage.open(name, overlay, () -> {}, start.header(), backing, QedImage.DEFAULT_L2_CACHE_BYTES);
        Volume opened = new Volume(image, owner, queue, budget, settings, workers);
        opened.clearAutoclearFeatures();
        return opened;
    }

    /** An imported file may have some. */
    private void clearAutoclearFeatures() throws IOException {
        if (image.header().autoclearFeatures() != 0) {
            image.clearAutoclearFeatures(new Request(new Operation(Operation.Kind.IMPORT, 0, 0)));
            queue.send();
        }
    }

    // ---- what it is told

    /** All events up to this one are in the file. */
    public void applied(Sequence upTo) {
        queue.applied(upTo);
        admission.proceed();
    }

    /** The image is not this node's any more: whatever waits fails, and all that comes. */
    public void ended(OwnershipException cause) {
        queue.end(cause);
        admission.end();
    }

    /**
     * One second has passed. Marks the last flush if nothing has come since, and the image as clean once nobody has allocated for
     * five seconds. Called by one thread.
     */
    public void tick() throws IOException {
        lease.tick(settings.logTimeoutSeconds());
        if (queue.tick(settings.logTimeoutSeconds())) {
            admission.clear();
            return;
        }
        queue.markIfIdle();
        needCheckTimer.tick();
    }

    /** Has the log say what the file contains, within a few ticks, so that all copies compare it with theirs. */
    public void sayContent() {
        queue.sayContent();
    }

    /** Says in the file that it needs no check: all that was planned before is in front of it in the log. */
    public void markClean() throws IOException {
        if (image.header().needsCheck()) {
            image.clearNeedCheck(new Request(new Operation(Operation.Kind.NEED_CHECK_CLEAR, 0, 0)));
            queue.send();
        }
    }

    /** Takes no changes any more; completes once the log has all that were taken, so that the image can be released. */
    public void leave(Completion completion) {
        queue.leave(completion);
    }

    /** Changes that come wait from now on, until {@link #letGo}; some that came just before may still be on their way. */
    public void hold() {
        admission.hold();
    }

    /** Takes changes again. */
    public void letGo() {
        admission.letGo();
    }

    /** The last event that the log is known to have, this owner's or one before. */
    public Sequence acknowledged() {
        return queue.acknowledged();
    }

    /** Of changes that are not in the file yet. */
    public long pendingBytes() {
        return queue.pendingBytes();
    }

    /** When it answers writes; as it was when the volume was opened. */
    public CacheMode cache() {
        return settings.cache();
    }

    /** Whom its owner follows. */
    public Tenure tenure() {
        return tenure;
    }

    /** What a guest sees, as an image. */
    GuestImage asImage() {
        return image;
    }

    // ---- the device

    @Override
    public long sizeBytes() {
        return image.sizeBytes();
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public DurabilityScope durabilityScope() {
        return DurabilityScope.DEVICE;
    }

    @Override
    public int preferredBlockBytes() {
        return clusterBytes;
    }

    @Override
    public boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException {
        return reads.read(guestOffset, lengthBytes, reply, patience);
    }

    @Override
    public boolean isCurrent() {
        return lease.holds();
    }

    @Override
    public void whenCurrent(Completion completion) {
        lease.whenHeld(completion);
    }

    @Override
    public void cache(long guestOffset, long lengthBytes) throws IOException {
        reads.cache(guestOffset, lengthBytes);
    }

    @Override
    public void blockStatus(long guestOffset, long lengthBytes, BlockStatusSink sink) throws IOException {
        reads.blockStatus(guestOffset, lengthBytes, sink);
    }

    @Override
    public boolean write(
            long guestOffset, Payload data, Durability durability, Patience patience, Completion completion) {
        ByteBuffer bytes = data.bytes();
        if (patience == Patience.NOW && (!admission.isOpen() || mayBeCut(bytes.remaining()))) {
            return false;
        }
        Operation operation = new Operation(Operation.Kind.WRITE, guestOffset, bytes.remaining());
        Request request = new Request(operation, data, patience == Patience.NOW);
        if (patience == Patience.WAIT) {
            enter(request, durability, completion, () -> writeInPieces(guestOffset, bytes, request));
            return true;
        }
        try {
            queue.requireAnswers();
            if (!image.tryWrite(guestOffset, bytes, request)) {
                return false;
            }
        } catch (IOException | RuntimeException e) {
            completion.failed(asFailure(e));
            return true;
        }
        request.complete(durability, completion);
        return true;
    }

    @Override
    public void unplug() {
        queue.send();
    }

    /** With larger clusters also short requests are cut: they may have to fill two of them. */
    private boolean mayBeCut(int lengthBytes) {
        return lengthBytes > MAX_ATOMIC_BYTES || clusterBytes > MAX_ATOMIC_BYTES;
    }

    private void writeInPieces(long guestOffset, ByteBuffer bytes, Request request) throws IOException {
        int length = bytes.remaining();
        if (!mayBeCut(length)) {
            image.write(guestOffset, bytes, request);
            return;
        }
        long step = Math.max(MAX_ATOMIC_BYTES, clusterBytes);
        for (int done = 0; done < length; ) {
            long at = guestOffset + done;
            int piece = (int) Math.min(length - done, step - at % step);
            image.write(at, bytes.slice(done, piece), request);
            done += piece;
        }
    }

    @Override
    public void writeZeroes(
            long guestOffset, long lengthBytes, Set<ZeroOption> options, Durability durability, Completion completion) {
        ZeroRequest zeroing = new ZeroRequest(guestOffset, lengthBytes, options);
        Optional<IOException> slow = zeroing.slow(clusterBytes);
        if (slow.isPresent()) {
            completion.failed(slow.get());
            return;
        }
        Request request = new Request(new Operation(Operation.Kind.WRITE_ZEROES, guestOffset, lengthBytes));
        enter(request, durability, completion, () -> {
            if (zeroing.isData()) {
                zeroing.writeAsData((at, zeros) -> writeInPieces(at, zeros, request));
            } else {
                image.writeZeroes(guestOffset, lengthBytes, request);
            }
        });
    }

    @Override
    public void trim(long guestOffset, long lengthBytes, Durability durability, Completion completion) {
        Request request = new Request(new Operation(Operation.Kind.DISCARD, guestOffset, lengthBytes));
        enter(request, durability, completion, () -> image.discard(guestOffset, lengthBytes, request));
    }

    /** Makes the image larger; completes when the log says so. The caller has made sure that the size is allowed. */
    public void resize(long newSizeBytes, Completion completion) {
        Request request = new Request(new Operation(Operation.Kind.RESIZE, 0, newSizeBytes));
        enter(request, Durability.ON_COMPLETION, completion, () -> {
            image.resize(newSizeBytes, request);
            queue.send();
        });
    }

    @Override
    public void flush(Completion completion) {
        flushSeen = true;
        sync(completion);
    }

    @Override
    public void sync(Completion completion) {
        queue.flush(completion);
    }

    /** Closes the backing file. Nobody may be using the device any more. */
    @Override
    public void close() throws IOException {
        image.close();
    }

    // ---- changes

    @FunctionalInterface
    private interface Change {
        void plan() throws IOException;
    }

    private void enter(Request request, Durability durability, Completion completion, Change change) {
        request.keepPayload();
        admission.enter(() -> {
            try {
                queue.requireAnswers();
                change.plan();
            } catch (IOException | RuntimeException e) {
                completion.failed(asFailure(e));
                return;
            } finally {
                request.letGoOfPayload();
            }
            request.complete(durability, completion);
        });
    }

    private static IOException asFailure(Exception e) {
        return e instanceof IOException known ? known : new IOException("internal error, please report it: " + e, e);
    }

    /** Takes the plans of one request. */
    private final class Request implements PlanSink {
        private final Operation operation;
        private final @Nullable Payload payload;
        private final boolean plugged;
        private @Nullable PendingEvent last;

        /** @param plugged whether others are about to come that may share its event */
        Request(Operation operation, @Nullable Payload payload, boolean plugged) {
            this.operation = operation;
            this.payload = payload;
            this.plugged = plugged;
        }

        Request(Operation operation) {
            this(operation, null, false);
        }

        @Override
        public void planned(Plan plan) throws IOException {
            last = queue.add(plan, operation, payload);
            if (plan.setsEntries()) {
                allocations.incrementAndGet();
            }
        }

        @Override
        public void unlocked(Plan plan) {
            if (plugged) {
                queue.sendFull();
            } else {
                queue.send();
            }
        }

        /** It may have to wait before it is planned. */
        void keepPayload() {
            if (payload != null) {
                payload.keep();
            }
        }

        void letGoOfPayload() {
            if (payload != null) {
                payload.letGo();
            }
        }

        void complete(Durability durability, Completion completion) {
            boolean early = settings.cache() == CacheMode.WRITEBACK && flushSeen && durability == Durability.ON_FLUSH;
            PendingEvent event = last;
            if (early) {
                completion.succeeded();
            } else if (event == null) { // nothing to change, because of what others may have changed just now
                queue.whenAllAcknowledged(completion);
            } else {
                queue.whenAcknowledged(event, completion);
            }
        }
    }
}
