package io.qedstore.device;

import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A disk that is served. Ranges {@code [guestOffset, guestOffset + lengthBytes)} lie inside it and hold at least one byte:
 * whoever calls has checked that.
 *
 * <p>All methods may be called by many threads at once. Requests that overlap in time may take effect in any order, each
 * byte as one of them has it. A request sees everything that completed before it began.
 *
 * <p>Failures are {@link IOException}s, a {@link BlockDeviceException} where more is known than that the disk failed.
 */
public interface BlockDevice extends Closeable {
    /**
     * Completes once requests can be carried out, or fails with the reason why they cannot. Asked for each client, after it was
     * let in and before it may ask for anything.
     */
    default void whenServed(Completion completion) {
        completion.succeeded();
    }

    /** The size now; it may grow. */
    long sizeBytes();

    /** Whether every request that changes something would be refused; nobody makes such a request then. */
    boolean isReadOnly();

    /** Whose writes a flush makes durable. */
    DurabilityScope durabilityScope();

    /** Requests of this size, aligned to it, cost least; a power of two from 512 on. */
    int preferredBlockBytes();

    /** Says when a request may begin; always the same object. Most devices take all that come. */
    default Throttle throttle() {
        return Throttle.OPEN;
    }

    /**
     * Gives a range's bytes to {@code reply}, in order. They may be told to whoever asked once the device {@linkplain
     * #isCurrent is current}.
     *
     * @return whether it did; false only with {@link Patience#NOW}, and then whatever the reply was given means nothing
     * @throws IOException if bytes could not be read; the reply means nothing then
     */
    boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException;

    /**
     * Whether what was read up to now is the disk's content: it is not while somebody else may have taken the disk over and
     * changed it.
     */
    default boolean isCurrent() {
        return true;
    }

    /** Completes once it is certain that what was read up to now was the disk's content, or fails if it may have been older. */
    default void whenCurrent(Completion completion) {
        completion.succeeded();
    }

    /**
     * As {@link #read} with {@link Patience#WAIT}, and completes once the bytes may be told to whoever asked. Where they come from
     * elsewhere no thread waits for them.
     *
     * @param replies gives the reply, and another one in its place each time that the read has to be begun anew; used by one thread
     *     at a time, and not any more when the read has completed
     */
    default void read(long guestOffset, int lengthBytes, Supplier<? extends ReadReply> replies, Completion completion) {
        try {
            read(guestOffset, lengthBytes, replies.get(), Patience.WAIT);
        } catch (IOException e) {
            completion.failed(e);
            return;
        }
        whenCurrent(completion);
    }

    /**
     * Writes all of {@code data}.
     *
     * @return whether the request was taken, so that {@code completion} is called, perhaps already; false only with {@link
     *     Patience#NOW}, and then nothing has happened
     */
    boolean write(long guestOffset, Payload data, Durability durability, Patience patience, Completion completion);

    /**
     * Lets those writes go on that were taken with {@link Patience#NOW}: they may wait for this call, so that writes that come
     * together are carried out together. Whoever makes such writes calls it soon.
     */
    default void unplug() {}

    /** Makes a range read as zeros. May take its time; the range may be the whole disk. */
    void writeZeroes(
            long guestOffset, long lengthBytes, Set<ZeroOption> options, Durability durability, Completion completion);

    /** Says that a range's content is not needed any more. May take its time; the range may be the whole disk. */
    void trim(long guestOffset, long lengthBytes, Durability durability, Completion completion);

    /** Brings a range nearer, so that reading it will be fast; a hint. */
    void cache(long guestOffset, long lengthBytes) throws IOException;

    /** As {@link #cache(long, long)}; no thread waits for what is elsewhere. */
    default void cache(long guestOffset, long lengthBytes, Completion completion) {
        try {
            cache(guestOffset, lengthBytes);
        } catch (IOException e) {
            completion.failed(e);
            return;
        }
        completion.succeeded();
    }

    /**
     * Completes once every write, zero write and trim in the {@link #durabilityScope} that completed before this call is on
     * stable storage, with all that is needed to find its bytes again. If that fails once, it fails until the device was
     * opened again: what the system dropped then would not be missed by a later attempt.
     */
    void flush(Completion completion);

    /** As {@link #flush}, but at nobody's wish who would know by it that writes are durable only after a flush. */
    default void sync(Completion completion) {
        flush(completion);
    }

    /** Tells what kinds of bytes a range holds, from its start on, until the sink has enough. May stop before its end. */
    void blockStatus(long guestOffset, long lengthBytes, BlockStatusSink sink) throws IOException;

    /**
     * As {@link #blockStatus(long, long, BlockStatusSink)}, and completes once that may be told to whoever asked. Where it is known
     * elsewhere no thread waits for it.
     *
     * @param sinks gives the sink, and another one in its place each time that the question has to be asked anew
     */
    default void blockStatus(
            long guestOffset, long lengthBytes, Supplier<? extends BlockStatusSink> sinks, Completion completion) {
        try {
            blockStatus(guestOffset, lengthBytes, sinks.get());
        } catch (IOException e) {
            completion.failed(e);
            return;
        }
        whenCurrent(completion);
    }
}
