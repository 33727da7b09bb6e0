package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultFileRegion;
import io.netty.util.ReferenceCountUtil;
import io.qedstore.device.ReadReply;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.ReplyForm;
import io.qedstore.nbd.wire.Request;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The reply to one read, as its pieces come from the device. Nothing of it is sent before all are there, so a failure can
 * still be told: the simple form has no other way.
 *
 * <p>It consists of buffers and stretches of files, in order. Small replies are put behind others in a buffer that is
 * there already. Used by one thread at a time.
 */
final class ReadAssembly implements ReadReply {
    /** Smaller stretches are cheaper to copy than to send from the file. */
    private static final int MIN_FILE_BYTES = 16 << 10;

    private static final int MAX_SLACK_BYTES = 512;

    private final ReplyForm form;
    private final Request request;
    private final ByteBufAllocator allocator;
    private final boolean sendsFiles;

    /** Whether each piece gets a chunk of its own; else one header goes in front of all. */
    private final boolean chunked;

    private final List<Object> finished = new ArrayList<>(0);
    private ByteBuf current;
    private final int start;
    private long nextOffset;
    private long left;

    /**
     * @param out the reply is put behind what it holds; the caller keeps it unless the reply turns out to have more parts
     * @param sendsFiles whether stretches of files can be sent on this connection
     */
    ReadAssembly(ReplyForm form, Request request, ByteBuf out, ByteBufAllocator allocator, boolean sendsFiles) {
        this.form = form;
        this.request = request;
        this.allocator = allocator;
        this.sendsFiles = sendsFiles;
        this.chunked = form.hasChunks() && !request.has(CommandFlags.DF);
        this.current = out;
        this.start = out.writerIndex();
        this.nextOffset = request.offset();
        this.left = request.length();
        if (!form.hasChunks()) {
            form.simpleData(out, request);
        } else if (!chunked) {
            form.dataChunk(out, request, request.offset(), (int) request.length(), true);
        }
    }

    private void startPiece(int lengthBytes) {
        if (chunked) {
            form.dataChunk(current, request, nextOffset, lengthBytes, lengthBytes == left);
        }
        advance(lengthBytes);
    }

    private void advance(int lengthBytes) {
        if (lengthBytes < 1 || lengthBytes > left) {
            throw new IllegalStateException(
                    "a piece of " + lengthBytes + " bytes in a read that lacks " + left + " bytes");
        }
        nextOffset += lengthBytes;
        left -= lengthBytes;
    }

    @Override
    public ByteBuffer bytes(int lengthBytes) {
        current.ensureWritable(lengthBytes + ReplyForm.MAX_DATA_HEADER_BYTES);
        startPiece(lengthBytes);
        int index = current.writerIndex();
        current.writerIndex(index + lengthBytes);
        return current.internalNioBuffer(index, lengthBytes);
    }

    @Override
    public void zeroes(int lengthBytes) {
        if (chunked) {
            form.holeChunk(current, request, nextOffset, lengthBytes, lengthBytes == left);
        } else {
            current.writeZero(lengthBytes);
        }
        advance(lengthBytes);
    }

    @Override
    public boolean takesFile(int lengthBytes) {
        return sendsFiles && lengthBytes >= MIN_FILE_BYTES;
    }

    @Override
    public void file(FileChannel file, long fileOffset, int lengthBytes) {
        startPiece(lengthBytes);
        finished.add(current);
        finished.add(new LentFileRegion(file, fileOffset, lengthBytes));
        current = allocator.directBuffer(MAX_SLACK_BYTES);
    }

    /** The reply's parts, if it has other parts than the buffer that it was started with. */
    List<Object> parts() {
        if (!finished.isEmpty()) {
            finished.add(current);
        }
        return finished;
    }

    /** Takes back everything; the buffer that the reply was started with is as it was, and the caller's again. */
    ByteBuf discard() {
        ByteBuf first = current;
        if (!finished.isEmpty()) {
            first = (ByteBuf) finished.get(0);
            finished.subList(1, finished.size()).forEach(ReferenceCountUtil::release);
            current.release();
            finished.clear();
        }
        return first.writerIndex(start);
    }

    /** A stretch of a file that somebody else closes. */
    private static final class LentFileRegion extends DefaultFileRegion {
        LentFileRegion(FileChannel file, long position, long count) {
            super(file, position, count);
        }

        @Override
        protected void deallocate() {
            // the device closes its file
        }
    }
}
