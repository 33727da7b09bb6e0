package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelPromise;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.ReplyForm;
import io.qedstore.nbd.wire.Request;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way back of one connection: replies in the form that was agreed on, and how many of them its client has yet to fetch.
 * Nothing is sent for certain before {@link #flush}. Used by the connection's event loop.
 */
final class ReplySender {
    private static final Logger LOG = LoggerFactory.getLogger(ReplySender.class);

    private final Session session;
    private final ReplyForm form;
    private final Channel channel;
    private final ReplyBatch batch;
    private final StallWatch stallWatch;
    private final int maxFileReplies;
    private final Runnable retry;

    /** Long replies that the system has not taken whole yet. */
    private int unsentLong;

    /** Replies out of files that the system has not taken whole yet: their bytes do not make the channel unwritable. */
    private int unsentFiles;

    /** Bytes that TLS had wrapped and the system had not taken at the last look. */
    private long encryptedWaitingBytes;

    /**
     * @param maxFileReplies how many replies out of files may wait for the client
     * @param retry run when there is room again
     */
    ReplySender(Session session, Channel channel, StallWatch stallWatch, int maxFileReplies, Runnable retry) {
        this.session = session;
        this.form = session.form();
        this.channel = channel;
        this.batch = new ReplyBatch(channel);
        this.stallWatch = stallWatch;
        this.maxFileReplies = maxFileReplies;
        this.retry = retry;
    }

    /** Whether the client fetches its replies, as far as can be seen. */
    boolean hasRoom() {
        return unsentFiles < maxFileReplies && channel.isWritable();
    }

    /** Whether it is for the client to go on: a reply that holds memory waits for it. */
    boolean waitsForClient() {
        return unsentLong > 0 || !channel.isWritable();
    }

    void success(Request request) {
        form.success(batch.buffer(), request);
        batch.added();
    }

    /** Answers a request over no bytes at all. */
    void nothing(Request request, NbdCommand command) {
        if (command == NbdCommand.READ) {
            form.emptyRead(batch.buffer(), request);
            batch.added();
        } else {
            success(request);
        }
    }

    void error(Request request, NbdErrno errno, String text) {
        form.error(batch.buffer(), request, errno, text);
        batch.added();
    }

    void failure(Request request, IOException failure) {
        if (failure instanceof RefusedException refused) {
            error(request, refused.refusal().errno(), refused.refusal().text());
            return;
        }
        NbdErrno errno = DeviceErrno.of(failure);
        if (errno == NbdErrno.EIO) {
            LOG.error("{} failed on export '{}'", request, session.export().name(), failure);
        }
        error(request, errno, String.valueOf(failure.getMessage()));
    }

    /** What a reply may be put into that is then given to {@link #read}. */
    ByteBuf buffer() {
        return batch.buffer();
    }

    /** Sends the reply that was put into the {@link #buffer}. */
    void read(ReadAssembly reply) {
        List<Object> parts = reply.parts();
        if (parts.isEmpty()) {
            batch.added();
            return;
        }
        batch.taken();
        unsentFiles++;
        batch.send(parts, channel::voidPromise, channel.newPromise().addListener(sent -> {
            boolean held = unsentFiles == maxFileReplies;
            unsentFiles--;
            if (held) {
                retry.run();
            }
        }));
    }

    /**
     * Sends a reply of its own buffers.
     *
     * @param sent run when the system has them all, or the connection is gone
     */
    void parts(List<Object> parts, Runnable sent) {
        unsentLong++;
        ChannelPromise last = watchedPromise().addListener(future -> {
            unsentLong--;
            sent.run();
            retry.run();
        });
        batch.send(parts, this::watchedPromise, last);
    }

    /** A promise for a part of a reply, whose bytes count as moving as they leave. */
    private ChannelPromise watchedPromise() {
        return channel.newProgressivePromise().addListener(new ChannelProgressiveFutureListener() {
            private long seenBytes;

            @Override
            public void operationProgressed(ChannelProgressiveFuture future, long progress, long total) {
                stallWatch.moved(progress - seenBytes);
                seenBytes = progress;
            }

            @Override
            public void operationComplete(ChannelProgressiveFuture future) {}
        });
    }

    /** What TLS has wrapped leaves without a promise that could be watched: what waits in the channel gets less. */
    void noticeEncryptedBytes() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        long waitingBytes = waiting == null ? 0 : waiting.totalPendingWriteBytes();
        stallWatch.moved(Math.max(0, encryptedWaitingBytes - waitingBytes));
        encryptedWaitingBytes = waitingBytes;
    }

    /** Gives everything to the system. */
    void flush() {
        batch.flush();
    }

    /** The connection is gone. */
    void release() {
        batch.release();
    }
}
