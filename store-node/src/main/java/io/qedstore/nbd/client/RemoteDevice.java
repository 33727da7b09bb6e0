package io.qedstore.nbd.client;

import io.qedstore.device.Awaited;
import io.qedstore.device.BlockDevice;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.device.Completion;
import io.qedstore.device.Durability;
import io.qedstore.device.DurabilityScope;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.device.ReadReply;
import io.qedstore.device.ZeroOption;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.TransmissionFlags;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A disk that another server serves, over one connection. When that ends, requests fail as those of a device that is being closed:
 * whether they have happened is not known.
 *
 * <p>What it answers is the disk's content at some moment between the request and the answer: the server makes sure of that before
 * it replies, so there is nothing to be asked here.
 */
public final class RemoteDevice implements BlockDevice {
    private final Connection connection;
    private final Greeting greeting;

    /**
     * What the server has said of the export.
     *
     * @param flags of {@link TransmissionFlags}
     * @param description for people, or as the two sides agree; may be empty
     */
    record Greeting(
            long sizeBytes, int flags, int preferredBlockBytes, String description, StatusAnswer.Contexts contexts) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    RemoteDevice(Connection connection, Greeting greeting) {
        this.connection = connection;
        this.greeting = greeting;
    }

    /** What the server says of the export. */
    public String description() {
        return greeting.description();
    }

    /** Completes when the connection has ended, with the reason. */
    public CompletionStage<IOException> gone() {
        return connection.gone();
    }

    /** Ends the connection at once; everything that was not answered fails. */
    public void cut() {
        connection.cut();
    }

    /** Says goodbye. Nothing may be under way. */
    @Override
    public void close() {
        connection.leave();
    }

    /** As the server said when the connection began. */
    @Override
    public long sizeBytes() {
        return greeting.sizeBytes();
    }

    @Override
    public boolean isReadOnly() {
        return greeting.has(TransmissionFlags.READ_ONLY);
    }

    @Override
    public DurabilityScope durabilityScope() {
        return greeting.has(TransmissionFlags.CAN_MULTI_CONN) ? DurabilityScope.DEVICE : DurabilityScope.CONNECTION;
    }

    @Override
    public int preferredBlockBytes() {
        return greeting.preferredBlockBytes();
    }

    private void send(NbdCommand command, int flags, long offset, long length, Completion completion) {
        connection.send(new Outstanding(command, flags, offset, length, null, Answer.NOTHING, completion));
    }

    private static int flags(Durability durability) {
        return durability == Durability.ON_COMPLETION ? CommandFlags.FUA : 0;
    }

    @Override
    public boolean read(long guestOffset, int lengthBytes, ReadReply reply, Patience patience) throws IOException {
        if (patience == Patience.NOW) {
            return false;
        }
        Awaited read = new Awaited();
        read(guestOffset, lengthBytes, () -> reply, read);
        read.await();
        return true;
    }

    @Override
    public void read(long guestOffset, int lengthBytes, Supplier<? extends ReadReply> replies, Completion completion) {
        Answer answer = new ReadAnswer(replies.get(), guestOffset, lengthBytes);
        connection.send(new Outstanding(NbdCommand.READ, 0, guestOffset, lengthBytes, null, answer, completion));
    }

    @Override
    public boolean write(
            long guestOffset, Payload data, Durability durability, Patience patience, Completion completion) {
        int flags = flags(durability) | CommandFlags.PAYLOAD_LEN;
        int length = data.bytes().remaining();
        connection.send(
                new Outstanding(NbdCommand.WRITE, flags, guestOffset, length, data, Answer.NOTHING, completion));
        return true;
    }

    @Override
    public void writeZeroes(
            long guestOffset, long lengthBytes, Set<ZeroOption> options, Durability durability, Completion completion) {
        int flags = flags(durability);
        for (ZeroOption option : options) {
            flags |= switch (option) {
                case NO_HOLE -> CommandFlags.NO_HOLE;
                case FAST_ZERO -> CommandFlags.FAST_ZERO;
            };
        }
        send(NbdCommand.WRITE_ZEROES, flags, guestOffset, lengthBytes, completion);
    }

    @Override
    public void trim(long guestOffset, long lengthBytes, Durability durability, Completion completion) {
        send(NbdCommand.TRIM, flags(durability), guestOffset, lengthBytes, completion);
    }

    @Override
    public void cache(long guestOffset, long lengthBytes) throws IOException {
        Awaited cached = new Awaited();
        cache(guestOffset, lengthBytes, cached);
        cached.await();
    }

    @Override
    public void cache(long guestOffset, long lengthBytes, Completion completion) {
        send(NbdCommand.CACHE, 0, guestOffset, lengthBytes, completion);
    }

    @Override
    public void flush(Completion completion) {
        send(NbdCommand.FLUSH, 0, 0, 0, completion);
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
        Answer answer = new StatusAnswer(greeting.contexts(), sinks.get(), lengthBytes);
        connection.send(
                new Outstanding(NbdCommand.BLOCK_STATUS, 0, guestOffset, lengthBytes, null, answer, completion));
    }
}
