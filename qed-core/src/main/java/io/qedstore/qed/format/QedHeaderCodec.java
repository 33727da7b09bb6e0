package io.qedstore.qed.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The final header layout: 64 bytes at file offset 0, packed, little-endian, unsigned.
 *
 * <pre>
 *  0  u32 magic "QED\0"        24  u64 compat_features      56  u32 backing_filename_offset
 *  4  u32 cluster_size         32  u64 autoclear_features   60  u32 backing_filename_size
 *  8  u32 table_size           40  u64 l1_table_offset
 * 12  u32 header_size          48  u64 image_size
 * 16  u64 features
 * </pre>
 */
public final class QedHeaderCodec {
    public static final int HEADER_BYTES = 64;

    /** The bytes 'Q' 'E' 'D' 0 read as a little-endian u32. */
    public static final int MAGIC = 0x00444551;

    private QedHeaderCodec() {}

    /** Whether the buffer's first four bytes are the magic; fewer than four count as if zeros followed. */
    public static boolean hasMagic(ByteBuffer start) {
        byte[] first = new byte[4];
        start.duplicate().get(first, 0, Math.min(first.length, start.remaining()));
        return ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getInt() == MAGIC;
    }

    /** Decodes 64 bytes at the buffer's position, which stays. The magic is not looked at. */
    public static QedHeader decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        return new QedHeader(
                Integer.toUnsignedLong(in.getInt(4)),
                Integer.toUnsignedLong(in.getInt(8)),
                Integer.toUnsignedLong(in.getInt(12)),
                in.getLong(16),
                in.getLong(24),
                in.getLong(32),
                in.getLong(40),
                in.getLong(48),
                Integer.toUnsignedLong(in.getInt(56)),
                Integer.toUnsignedLong(in.getInt(60)));
    }

    /** The 64 header bytes followed by {@code tail}, which lies at file offset 64 then. */
    public static ByteBuffer encode(QedHeader header, byte[] tail) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + tail.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC)
                .putInt((int) header.clusterSize())
                .putInt((int) header.tableSize())
                .putInt((int) header.headerSize())
                .putLong(header.features())
                .putLong(header.compatFeatures())
                .putLong(header.autoclearFeatures())
                .putLong(header.l1TableOffset())
                .putLong(header.imageSize())
                .putInt((int) header.backingFilenameOffset())
                .putInt((int) header.backingFilenameSize())
                .put(tail);
        return out.flip();
    }

    /** The 64 header bytes. */
    public static ByteBuffer encode(QedHeader header) {
        return encode(header, new byte[0]);
    }
}
