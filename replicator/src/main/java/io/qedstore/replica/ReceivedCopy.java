package io.qedstore.replica;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.FoldStateException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Reads what {@link SentCopy} has written, and believes none of it before it was checked. For one thread. */
public final class ReceivedCopy {
    private final DataInputStream in;
    private final FoldState from;
    private final byte[] data = new byte[CopyFormat.CHUNK_BYTES];
    private long at;

    /** Takes data; the buffer is used again afterwards. */
    @FunctionalInterface
    public interface Sink {
        void data(long fileOffset, ByteBuffer bytes) throws IOException;
    }

    /** How a part ends. */
    record End(FoldState to, long next, long lengthBytes) {}

    /** @param begin where the part was asked to begin */
    public ReceivedCopy(InputStream stream, long begin) throws IOException {
        this.in = new DataInputStream(stream);
        this.at = begin;
        int magic = in.readInt();
        int version = in.readUnsignedByte();
        if (magic != CopyFormat.MAGIC || version != CopyFormat.VERSION) {
            throw new IOException(
                    "found a copy that begins with " + Integer.toHexString(magic) + " and version " + version
                            + ", expected " + Integer.toHexString(CopyFormat.MAGIC) + " and " + CopyFormat.VERSION
                            + ": the other node runs another version");
        }
        this.from = state();
    }

    /** All of its events are in what is read. */
    public FoldState from() {
        return from;
    }

    private FoldState state() throws IOException {
        int length = in.readInt();
        if (length < 0 || length > CopyFormat.MAX_STATE_BYTES) {
            throw new IOException(
                    "found a place of " + length + " bytes, expected at most " + CopyFormat.MAX_STATE_BYTES);
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the copy ends in the middle of a place");
        }
        try {
            return FoldStateCodec.decode(bytes);
        } catch (FoldStateException e) {
            throw new IOException("the copy has a place that cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads all data.
     *
     * @throws EOFException if the stream ends before the part does
     */
    End readTo(Sink sink) throws IOException {
        while (true) {
            int kind = in.readUnsignedByte();
            if (kind == CopyFormat.END) {
                End end = new End(state(), in.readLong(), in.readLong());
                if (end.next < at || end.next > end.lengthBytes) {
                    throw new IOException(
                            "found a copy that goes on at " + end.next + ", expected " + at + " to " + end.lengthBytes);
                }
                return end;
            }
            if (kind != CopyFormat.DATA) {
                throw new IOException("found " + kind + " in a copy, expected data or its end");
            }
            readData(sink);
        }
    }

    private void readData(Sink sink) throws IOException {
        long fileOffset = in.readLong();
        int length = in.readInt();
        boolean isInOrder = fileOffset >= at && fileOffset % BLOCK_BYTES == 0 && fileOffset <= Long.MAX_VALUE - length;
        if (!isInOrder || length <= 0 || length > CopyFormat.CHUNK_BYTES) {
            throw new IOException("found " + length + " bytes at " + fileOffset + " of a copy, expected 1 to "
                    + CopyFormat.CHUNK_BYTES + " at a block from " + at + " on");
        }
        in.readFully(data, 0, length);
        sink.data(fileOffset, ByteBuffer.wrap(data, 0, length));
        at = fileOffset + length;
    }

    /**
     * The bytes of the block that the part was asked to begin at, with zeros behind the file's end.
     *
     * @throws EOFException if the stream ends before
     */
    public byte[] readBlock() throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        long first = at;
        readTo((fileOffset, bytes) -> {
            if (fileOffset == first) {
                bytes.get(block, 0, Math.min(BLOCK_BYTES, bytes.remaining()));
            }
        });
        return block;
    }
}
