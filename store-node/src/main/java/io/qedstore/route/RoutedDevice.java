package io.qedstore.route;

import io.qedstore.device.Awaited;
import io.qedstore.device.BlockDevice;
import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Durability;
import io.qedstore.device.DurabilityScope;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.device.ReadReply;
import io.qedstore.device.Throttle;
import io.qedstore.device.ZeroOption;
import io.qedstore.route.RoutedRequest.Kind;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One image on one node, wherever it is served: by the node's own volume, or by another node. The clients of this device see one
 * disk, and a pause when the image moves. What makes that right stands in {@link Route}.
 *
 * <p>It has no way before it is {@linkplain #use used}, and gives it up when the last client has gone.
 */
public final class RoutedDevice implements BlockDevice {
    private final Route route;
    private final LongSupplier knownSizeBytes;
    private final int preferredBlockBytes;
    private final LongSupplier nanoTime;
    private final Throttle throttle;

    /**
     * What a device is of.
     *
     * @param name for people
     * @param place the node that it is served by, as far as is known
     * @param knownSizeBytes the image's size as everybody knows it; the place may know of a larger one
     */
    public record Image(String name, String place, LongSupplier knownSizeBytes, int preferredBlockBytes) {}

    /**
     * @param workers run requests that were held
     * @param nanoTime as {@link System#nanoTime}
     * @param ended told when the clients of this device must not go on; it fails whatever comes then
     */
    public RoutedDevice(
            Image image,
            Guide guide,
            Executor workers,
            ScheduledExecutorService timer,
            LongSupplier nanoTime,
            RouteSettings settings,
            Consumer<IOException> ended) {
        this.route = new Route(image.name(), image.place(), guide, workers, timer, nanoTime, settings, ended);
        this.knownSizeBytes = image.knownSizeBytes();
        this.preferredBlockBytes = image.preferredBlockBytes();
        this.nanoTime = nanoTime;
        this.throttle = new RoutedThrottle(this::throttleNow);
    }

    // ---- what it is told

    /** A client came, and there was none. */
    public void use(String client) {
        route.use(client);
    }

    /** The last client has gone, and nothing that it has asked for is under way. */
    public void unuse() {
        route.unuse();
    }

    /** The image is to be served by that node from now on. */
    public void placedAt(String place) {
        route.placedAt(place);
    }

    /** One second has passed. */
    public void tick() {
        route.tick();
    }

    /** This node stops: what waits for another place fails, and whatever would have to. */
    public void stop() {
        route.stop();
    }

    /** Clients must not go on. */
    public void end(IOException cause) {
        route.end(cause);
    }

    // ---- the device

    @Override
    public void whenServed(Completion completion) {
        route.whenServed(completion);
    }

    private Throttle throttleNow() {
        Target here = route.here();
        return here == null ? Throttle.OPEN : here.device().throttle();
    }

    @Override
    public Throttle throttle() {
        return throttle;
    }

    @Override
    public long sizeBytes() {
        Target here = route.here();
        return here == null
                ? knownSizeBytes.getAsLong()
                : Math.max(here.device().sizeBytes(), knownSizeBytes.getAsLong());
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
        return preferredBlockBytes;
    }

    private void submit(Kind kind, long end, RoutedRequest.Action action, Completion completion) {
        route.submit(new RoutedRequest(kind, end, action, completion, nanoTime.getAsLong()));
    }

    /** What it reads at once is current at once, or it has not read it. */
    @Override
    public boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException {
        if (patience == Patience.WAIT) {
            Awaited read = new Awaited();
            read(guestOffset, lengthBytes, () -> reply, read);
            read.await();
            return true;
        }
        Target here = route.here();
        try {
            return here != null
                    && here.device().read(guestOffset, lengthBytes, reply, Patience.NOW)
                    && here.device().isCurrent();
        } catch (BlockDeviceException e) {
            if (e.error() == DeviceError.SHUTTING_DOWN) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void read(long guestOffset, int lengthBytes, Supplier<? extends ReadReply> replies, Completion completion) {
        submit(
                Kind.OTHER,
                guestOffset + lengthBytes,
                (device, attempt) -> device.read(guestOffset, lengthBytes, replies, attempt),
                completion);
    }

    @Override
    public boolean write(
            long guestOffset, Payload data, Durability durability, Patience patience, Completion completion) {
        long end = guestOffset + data.bytes().remaining();
        Kind kind = Route.change(durability);
        RoutedRequest.Action action =
                (device, attempt) -> device.write(guestOffset, data, durability, Patience.WAIT, attempt);
        if (patience == Patience.WAIT) {
            submit(kind, end, action, completion);
            return true;
        }
        Target here = route.here();
        RoutedRequest request = new RoutedRequest(kind, end, action, completion, nanoTime.getAsLong());
        Route.Attempt attempt = here == null ? null : route.begin(request, here);
        if (here == null || attempt == null) {
            return false;
        }
        boolean isTaken = true;
        try {
            isTaken = here.device().write(guestOffset, data, durability, Patience.NOW, attempt);
        } catch (RuntimeException | OutOfMemoryError e) {
            attempt.threw(e);
        }
        if (!isTaken) {
            attempt.withdraw();
        }
        return isTaken;
    }

    /** At a place of before nothing is left to be let on: it sends what it has when it is left. */
    @Override
    public void unplug() {
        Target here = route.here();
        if (here != null) {
            here.device().unplug();
        }
    }

    @Override
    public void writeZeroes(
            long guestOffset, long lengthBytes, Set<ZeroOption> options, Durability durability, Completion completion) {
        Set<ZeroOption> asked = Set.copyOf(options);
        submit(
                Route.change(durability),
                guestOffset + lengthBytes,
                (device, attempt) -> device.writeZeroes(guestOffset, lengthBytes, asked, durability, attempt),
                completion);
    }

    @Override
    public void trim(long guestOffset, long lengthBytes, Durability durability, Completion completion) {
        submit(
                Route.change(durability),
                guestOffset + lengthBytes,
                (device, attempt) -> device.trim(guestOffset, lengthBytes, durability, attempt),
                completion);
    }

    @Override
    public void cache(long guestOffset, long lengthBytes) throws IOException {
        Awaited cached = new Awaited();
        cache(guestOffset, lengthBytes, cached);
        cached.await();
    }

    @Override
    public void cache(long guestOffset, long lengthBytes, Completion completion) {
        submit(
                Kind.OTHER,
                guestOffset + lengthBytes,
                (device, attempt) -> device.cache(guestOffset, lengthBytes, attempt),
                completion);
    }

    @Override
    public void flush(Completion completion) {
        submit(Kind.FLUSH, 0, BlockDevice::flush, completion);
    }

    @Override
    public void sync(Completion completion) {
        submit(Kind.FLUSH, 0, BlockDevice::sync, completion);
    }

    @Override
    public void blockStatus(long guestOffset, long lengthBytes, BlockStatusSink sink) throws IOException {
        Awaited said = new Awaited();
        blockStatus(guestOffset, lengthBytes, () -> sink, said);
        said.await();
    }

    @Override
    public void blockStatus(
            long guestOffset, long lengthBytes, Supplier<? extends BlockStatusSink> sinks, Completion completion) {
        submit(
                Kind.OTHER,
                guestOffset + lengthBytes,
                (device, attempt) -> device.blockStatus(guestOffset, lengthBytes, sinks, attempt),
                completion);
    }

    @Override
    public void close() {
        route.unuse();
    }
}
