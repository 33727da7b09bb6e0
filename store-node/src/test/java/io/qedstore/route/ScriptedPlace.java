package io.qedstore.route;

import io.qedstore.device.BlockDevice;
import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Durability;
import io.qedstore.device.DurabilityScope;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.device.ReadReply;
import io.qedstore.device.ZeroOption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A place that does what it is told: it carries requests out, or keeps them, lets go of the image in order, or is gone. All places
 * of a test have one disk, as all owners of an image have one log. Safe for many threads.
 */
final class ScriptedPlace implements Target, BlockDevice {
    private final String name;
    private final MemoryBlockDevice disk;
    private final boolean isWritethrough;
    private final CompletableFuture<String> gone = new CompletableFuture<>();

    /** Guarded by this object's monitor, as is everything that changes. */
    private final List<Kept> kept = new ArrayList<>();

    private boolean keeping;
    private boolean answersFlushes = true;
    private @Nullable ScriptedPlace predecessor;
    private boolean over;
    private boolean left;
    private boolean wasCut;
    private int asked;
    private long sizeBytes;

    private record Kept(Runnable request, Completion completion) {}

    ScriptedPlace(String name, MemoryBlockDevice disk, boolean isWritethrough) {
        this.name = name;
        this.disk = disk;
        this.isWritethrough = isWritethrough;
        this.sizeBytes = disk.sizeBytes();
    }

    synchronized ScriptedPlace size(long bytes) {
        sizeBytes = bytes;
        return this;
    }

    /** Another has given the image up in order, for this one. */
    synchronized ScriptedPlace after(ScriptedPlace before) {
        predecessor = before;
        return this;
    }

    /** Gives the image up in order; a flush is not answered before this place is cut. */
    void letGoSilently() {
        synchronized (this) {
            answersFlushes = false;
        }
        keep();
    }

    /** Carries out and answers what it keeps. */
    void answerKept() {
        List<Kept> answered;
        synchronized (this) {
            answered = List.copyOf(kept);
            kept.clear();
            answered.forEach(each -> each.request().run());
        }
        answered.forEach(each -> each.completion().succeeded());
    }

    /** Answers nothing from now on. */
    synchronized void keep() {
        keeping = true;
    }

    /** How many requests it keeps. */
    synchronized int kept() {
        return kept.size();
    }

    synchronized int asked() {
        return asked;
    }

    synchronized boolean hasBeenLeft() {
        return left;
    }

    synchronized boolean wasCut() {
        return wasCut;
    }

    /** Carries nothing out any more, but says that what it did is durable. */
    void letGo(Predicate<Integer> happens) {
        end(happens);
    }

    /** Its process is gone. */
    void vanish(Predicate<Integer> happens) {
        synchronized (this) {
            answersFlushes = false;
        }
        end(happens);
        gone.complete("it is gone");
    }

    /** @param happens which of the requests that it keeps have happened, though nobody will be told */
    private void end(Predicate<Integer> happens) {
        List<Kept> unanswered;
        synchronized (this) {
            over = true;
            unanswered = List.copyOf(kept);
            kept.clear();
            for (int i = 0; i < unanswered.size(); i++) {
                if (happens.test(i)) {
                    unanswered.get(i).request().run();
                }
            }
        }
        unanswered.forEach(each -> each.completion().failed(over()));
    }

    private BlockDeviceException over() {
        return new BlockDeviceException(DeviceError.SHUTTING_DOWN, name + " has let go of the image");
    }

    private void take(Runnable request, Completion completion) {
        boolean isDone = false;
        boolean isRefused;
        synchronized (this) {
            asked++;
            isRefused = over;
            if (!isRefused && keeping) {
                kept.add(new Kept(request, completion));
            } else if (!isRefused) {
                request.run();
                isDone = true;
            }
        }
        if (isRefused) {
            completion.failed(over());
        } else if (isDone) {
            completion.succeeded();
        }
    }

    // ---- the target

    @Override
    public BlockDevice device() {
        return this;
    }

    @Override
    public String place() {
        return name;
    }

    @Override
    public String description() {
        return "node " + name;
    }

    @Override
    public boolean isHere() {
        return false;
    }

    @Override
    public boolean isWritethrough() {
        return isWritethrough;
    }

    @Override
    public synchronized boolean hasAllOf(Target before) {
        return before == predecessor || before == this;
    }

    @Override
    public CompletionStage<String> gone() {
        return gone;
    }

    @Override
    public void leave() {
        synchronized (this) {
            left = true;
        }
        gone.complete("it was left");
    }

    @Override
    public void cut() {
        synchronized (this) {
            wasCut = true;
        }
        vanish(i -> i % 2 == 0);
    }

    // ---- the device

    @Override
    public synchronized long sizeBytes() {
        return sizeBytes;
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
        return disk.preferredBlockBytes();
    }

    @Override
    public boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException {
        throw new IOException("not used");
    }

    @Override
    public void read(long guestOffset, int lengthBytes, Supplier<? extends ReadReply> replies, Completion completion) {
        take(
                () -> {
                    byte[] content = disk.content(guestOffset, lengthBytes);
                    replies.get().bytes(lengthBytes).put(content);
                },
                completion);
    }

    @Override
    public boolean write(
            long guestOffset, Payload data, Durability durability, Patience patience, Completion completion) {
        byte[] bytes = new byte[data.bytes().remaining()];
        data.bytes().get(bytes);
        take(() -> disk.fill(guestOffset, bytes), completion);
        return true;
    }

    @Override
    public void writeZeroes(
            long guestOffset, long lengthBytes, Set<ZeroOption> options, Durability durability, Completion completion) {
        take(() -> disk.fill(guestOffset, new byte[(int) lengthBytes]), completion);
    }

    @Override
    public void trim(long guestOffset, long lengthBytes, Durability durability, Completion completion) {
        completion.failed(new BlockDeviceException(DeviceError.NOT_SUPPORTED, "no trim here"));
    }

    @Override
    public void cache(long guestOffset, long lengthBytes) {}

    @Override
    public void flush(Completion completion) {
        boolean isDurable;
        synchronized (this) {
            isDurable = over && answersFlushes;
        }
        if (isDurable) {
            completion.succeeded();
        } else {
            take(() -> {}, completion);
        }
    }

    @Override
    public void blockStatus(long guestOffset, long lengthBytes, BlockStatusSink sink) {}

    @Override
    public void close() {}
}
