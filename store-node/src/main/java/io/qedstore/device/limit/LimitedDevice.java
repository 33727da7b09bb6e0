package io.qedstore.device.limit;

import io.qedstore.device.BlockDevice;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.device.Completion;
import io.qedstore.device.Durability;
import io.qedstore.device.DurabilityScope;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.device.ReadReply;
import io.qedstore.device.Throttle;
import io.qedstore.device.ZeroOption;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/**
 * A device of which clients may use only so much in a second, all of them together. It says so by its {@link #throttle}; what
 * is asked of it nevertheless is carried out. Flushes are never held back. The limits may change at any time.
 */
public final class LimitedDevice implements BlockDevice {
    private final BlockDevice device;
    private final RateThrottle throttle;

    /**
     * @param device closed with this one
     * @param timer tells those that wait when their turn comes
     * @param nanoTime as {@link System#nanoTime}
     */
    public LimitedDevice(
            BlockDevice device, DeviceLimits limits, ScheduledExecutorService timer, LongSupplier nanoTime) {
        this.device = device;
        this.throttle = new RateThrottle(timer, nanoTime);
        throttle.limits(limits);
    }

    /** Other limits from now on, also for those that wait. What is left of a burst stays the same part of it. */
    public void limits(DeviceLimits limits) {
        throttle.limits(limits);
    }

    /** The device is over, and fails whatever comes: nothing has to wait for that. */
    public void end() {
        throttle.end();
    }

    @Override
    public Throttle throttle() {
        return throttle;
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public boolean isReadOnly() {
        return device.isReadOnly();
    }

    @Override
    public DurabilityScope durabilityScope() {
        return device.durabilityScope();
    }

    @Override
    public int preferredBlockBytes() {
        return device.preferredBlockBytes();
    }

    @Override
    public boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException {
        return device.read(guestOffset, lengthBytes, reply, patience);
    }

    @Override
    public boolean isCurrent() {
        return device.isCurrent();
    }

    @Override
    public void whenCurrent(Completion completion) {
        device.whenCurrent(completion);
    }

    @Override
    public boolean write(
            long guestOffset, Payload data, Durability durability, Patience patience, Completion completion) {
        return device.write(guestOffset, data, durability, patience, completion);
    }

    @Override
    public void unplug() {
        device.unplug();
    }

    @Override
    public void writeZeroes(
            long guestOffset, long lengthBytes, Set<ZeroOption> options, Durability durability, Completion completion) {
        device.writeZeroes(guestOffset, lengthBytes, options, durability, completion);
    }

    @Override
    public void trim(long guestOffset, long lengthBytes, Durability durability, Completion completion) {
        device.trim(guestOffset, lengthBytes, durability, completion);
    }

    @Override
    public void cache(long guestOffset, long lengthBytes) throws IOException {
        device.cache(guestOffset, lengthBytes);
    }

    @Override
    public void flush(Completion completion) {
        device.flush(completion);
    }

    @Override
    public void sync(Completion completion) {
        device.sync(completion);
    }

    @Override
    public void blockStatus(long guestOffset, long lengthBytes, BlockStatusSink sink) throws IOException {
        device.blockStatus(guestOffset, lengthBytes, sink);
    }

    @Override
    public void close() throws IOException {
        throttle.end();
        device.close();
    }
}
