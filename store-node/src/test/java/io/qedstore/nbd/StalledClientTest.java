package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.wire.NbdCommand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Clients that hold memory, and whether they move: closed only if they do not, and only if others wait. */
class StalledClientTest {
    private static final int MIB = 1 << 20;
    private static final int STALL_MS = 1200;

    /** The server looks once a second. */
    private static final int LOOK_MS = 1050;

    private final MemoryBlockDevice device = new MemoryBlockDevice(64 * MIB);

    @AutoClose
    private final TestServer server =
            TestServer.start(device, new Limits().bytes(4 * MIB).stallDeadlineMs(STALL_MS));

    /** The first part of a request to write, which leaves so many bytes to come. */
    private byte[] partOfWrite(WireClient client, int length, int missing) {
        byte[] request = client.requestBytes(NbdCommand.WRITE.code(), 0, 77, 0, length, Bytes.pattern(length, 7));
        return Arrays.copyOf(request, request.length - missing);
    }

    /** Somebody who needs more memory than is left, and gets it. */
    private CompletableFuture<Void> somebodyElse() throws IOException {
        WireClient other = server.client();
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        other.write(8 * MIB, new byte[3 * MIB]);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                // Not in the common pool: on a small machine it has one thread, for which the tests here would wait in
                // a row.
                request -> new Thread(request).start());
    }

    private static void requireDone(CompletableFuture<Void> request) throws Exception {
        request.get(15, TimeUnit.SECONDS);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT) // like all here: they mostly wait
    void aPayloadThatStopsComingIsGivenUpWhenOthersWait() throws Exception {
        // Deliberate bug: nobody looks at connections that hold memory.
        WireClient stalled = server.client();
        stalled.send(partOfWrite(stalled, 3 * MIB, 1));
        requireDone(somebodyElse());
        stalled.expectClose();
        assertThat(device.content(0, 512)).containsOnly(0);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aPayloadThatTricklesIsGivenUpWhenOthersWait() throws Exception {
        // Deliberate bug: each byte counts as if all that came before it had come again.
        WireClient trickling = server.client();
        int missing = 100_000;
        trickling.send(partOfWrite(trickling, 3 * MIB, missing));
        CompletableFuture<Void> other = somebodyElse();
        long start = System.nanoTime();
        while (!other.isDone() && trickling.trySend(new byte[1])) {
            TestServer.pause(20);
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
        }
        requireDone(other);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aReplyThatNobodyReadsIsGivenUpWhenOthersWait() throws Exception {
        device.refuseNow(true);
        device.fill(0, Bytes.pattern(3 * MIB, 1));
        WireClient deaf = server.client();
        deaf.requestRead(0, 3 * MIB);
        TestServer.eventually("it was read", () -> device.count(MemoryBlockDevice.Kind.READ) == 1);
        requireDone(somebodyElse());
        assertThat(deaf.readToEnd().length).isLessThan(3 * MIB);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void whoHoldsMemoryThatNobodyWaitsForMayTakeHisTime() throws Exception {
        // Deliberate bug: connections are closed that keep nobody waiting.
        WireClient slow = server.client();
        slow.send(partOfWrite(slow, 3 * MIB, 1));
        TestServer.pause(STALL_MS + 2 * LOOK_MS);
        server.requireService();
        slow.expect(77, NbdCommand.WRITE, 0, 3 * MIB);
        slow.send(new byte[1]);
        assertThat(slow.reply().error()).isZero();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aPayloadThatMovesIsWaitedFor() throws Exception {
        WireClient moving = server.client();
        byte[] request = partOfWrite(moving, 12 * MIB, 0);
        moving.expect(77, NbdCommand.WRITE, 0, 12 * MIB);
        moving.send(Arrays.copyOf(request, MIB));
        CompletableFuture<Void> other = somebodyElse();
        for (int at = MIB; at < request.length; at += MIB / 4) {
            moving.send(Arrays.copyOfRange(request, at, Math.min(request.length, at + MIB / 4)));
            TestServer.pause(80); // about 3 MiB a second, where one is asked for
        }
        assertThat(moving.reply().error()).isZero();
        requireDone(other);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aReplyOutOfAFileThatMovesIsWaitedFor(@TempDir Path folder) throws Exception {
        // Deliberate bug: only what leaves from memory counts as moving.
        byte[] content = Bytes.pattern(12 * MIB, 3);
        try (FileChannel file = FileChannel.open(
                folder.resolve("content"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(content));
            device.sendFrom(file);
            device.refuseNow(true);
            WireClient moving = server.client();
            moving.requestRead(0, content.length);
            moving.read(16);
            CompletableFuture<Void> other = somebodyElse();
            for (int at = 0; at < content.length; at += MIB / 4) {
                assertThat(moving.read(MIB / 4)).isEqualTo(Arrays.copyOfRange(content, at, at + MIB / 4));
                TestServer.pause(80);
            }
            requireDone(other);
            server.close();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void whatAConnectionHeldEarlierDoesNotCount() throws Exception {
        // Deliberate bug: the watch goes on where it was the last time that somebody waited.
        WireClient client = server.client();
        for (int sentEarly : new int[] {3 * MIB - 1, 100_000}) {
            byte[] request = partOfWrite(client, 3 * MIB, 0);
            client.expect(77, NbdCommand.WRITE, 0, 3 * MIB);
            client.send(Arrays.copyOf(request, sentEarly));
            CompletableFuture<Void> other = somebodyElse();
            TestServer.pause(LOOK_MS); // shorter than the deadline
            client.send(Arrays.copyOfRange(request, sentEarly, request.length));
            assertThat(client.reply().error()).isZero();
            requireDone(other);
            TestServer.pause(STALL_MS);
        }
    }
}
