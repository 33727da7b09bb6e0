package io.qedstore.qed.fuzz;

import io.qedstore.qed.format.DraftHeader;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the fuzzer's bytes mean: a file, then requests to it.
 *
 * <p>The first byte chooses. From 224 on everything after a length is the file's own first bytes, as they are.
 * Below, a header that would pass is described in few bytes, then a few of its bytes are overwritten (often none), then
 * tables are laid out whose entries are mostly right: next cluster, zero, any cluster of the file, slightly or wholly
 * wrong. One in eight has the draft layout. What is left is the requests, see {@link FuzzedRequest}.
 *
 * @param file as the engine finds it
 * @param input the rest, from which the requests come
 */
record FuzzedImage(SparseFile file, FuzzInput input) {
    private static final int RAW = 224;
    private static final int MAX_TABLES = 12;

    static FuzzedImage decode(byte[] bytes) throws IOException {
        FuzzInput input = new FuzzInput(bytes);
        int mode = input.u8();
        if (mode >= RAW) {
            long extraBytes = (long) input.u8() << (input.u8() & 63);
            byte[] content = input.rest();
            SparseFile file = new SparseFile(content.length + Math.max(0, extraBytes));
            file.write(0, ByteBuffer.wrap(content));
            return new FuzzedImage(file, input);
        }
        return new FuzzedImage(new Layout(input, mode % 8 == 7).build(), input);
    }

    /** Builds a file from choices. */
    private static final class Layout {
        private final FuzzInput input;
        private final boolean draft;
        private final ImageGeometry geometry;
        private final long headerClusters;
        private long nextCluster;

        Layout(FuzzInput input, boolean draft) {
            this.input = input;
            this.draft = draft;
            int clusterBits = 12 + (input.oneIn(16) ? input.u8() % 15 : input.u8() % 3);
            int tableBits = input.oneIn(32) ? 0 : 1 + input.u8() % 4;
            this.geometry = new ImageGeometry(1 << clusterBits, 1 << tableBits);
            this.headerClusters = input.oneIn(8) ? input.u8() & 3 : 1;
            this.nextCluster = Math.max(1, headerClusters);
        }

        SparseFile build() throws IOException {
            SparseFile file = new SparseFile(lengthBytes());
            long l1 = take(geometry.tableSize()) * geometry.clusterSize();
            writeHeader(file, l1);
            for (int tables = input.u8() % MAX_TABLES; tables > 0; tables--) {
                addTable(file, l1);
            }
            return file;
        }

        private long take(int clusters) {
            long first = nextCluster;
            nextCluster += clusters;
            return first;
        }

        private long lengthBytes() {
            long clusters = headerClusters + geometry.tableSize() + input.u8();
            return switch (input.u8() >>> 4) {
                case 15 -> Long.MAX_VALUE - input.u16();
                case 14 -> input.i64() & Long.MAX_VALUE;
                case 13 -> clusters * geometry.clusterSize() + input.u16() % geometry.clusterSize();
                case 12 -> clusters * ((long) geometry.clusterSize() << input.u8() % 24);
                default -> clusters * geometry.clusterSize();
            };
        }

        private long imageSizeBytes() {
            long cluster = geometry.clusterSize();
            long size =
                    switch (input.u8() >>> 5) {
                        case 7 -> geometry.maxImageSize();
                        case 6 -> input.i64() & -ImageGeometry.SECTOR_SIZE;
                        case 5 -> geometry.l2SpanBytes() * input.u8();
                        case 4 -> geometry.l2SpanBytes() * input.u8() + (long) input.u16() * ImageGeometry.SECTOR_SIZE;
                        case 3 -> (long) input.u16() * ImageGeometry.SECTOR_SIZE;
                        default -> cluster * input.u16();
                    };
            long max = geometry.maxImageSize();
            return Long.compareUnsigned(size, max) > 0 && !input.oneIn(16) ? max : size;
        }

        private void writeHeader(SparseFile file, long l1) throws IOException {
            long imageSize = imageSizeBytes();
            int features = input.u8() & 7;
            int compat = input.oneIn(8) ? input.u8() : 0;
            int autoclear = input.oneIn(8) ? input.u8() : 0;
            int nameOffset = input.oneIn(4) ? input.u16() : QedHeaderCodec.HEADER_BYTES;
            int nameBytes = input.oneIn(4) ? input.u16() : input.u8();
            ByteBuffer header = draft
                    ? new DraftHeader(
                                    geometry.clusterSize(),
                                    geometry.tableSize(),
                                    headerClusters,
                                    features & 1,
                                    compat,
                                    l1,
                                    imageSize,
                                    nameOffset,
                                    nameBytes,
                                    QedHeaderCodec.HEADER_BYTES,
                                    autoclear)
                            .encode(new byte[] {'r', 'a', 'w', 0})
                    : QedHeaderCodec.encode(new QedHeader(
                            geometry.clusterSize(),
                            geometry.tableSize(),
                            headerClusters,
                            features,
                            compat,
                            autoclear,
                            l1,
                            imageSize,
                            nameOffset,
                            nameBytes));
            file.write(0, header);
            for (int patches = Math.max(0, (input.u8() >>> 4) - 11); patches > 0; patches--) {
                ByteBuffer patch = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                patch.putInt(0, input.i32());
                file.write(input.u8() % QedHeaderCodec.HEADER_BYTES, patch);
            }
        }

        private void addTable(SparseFile file, long l1) throws IOException {
            long table = input.oneIn(4) ? anyOffset() : take(geometry.tableSize()) * geometry.clusterSize();
            writeEntry(file, l1 + 8 * index(), table);
            if (table < 0 || table > file.length()) {
                return;
            }
            for (int runs = input.u8() % 16; runs > 0; runs--) {
                long at = table + 8 * index();
                int count = 1 + input.u8() % 16;
                int kind = input.u8() >>> 5;
                long wrong = kind == 7 ? anyOffset() : 0;
                for (int i = 0; i < count; i++) {
                    long entry =
                            switch (kind) {
                                case 0, 1, 2, 3 -> take(1) * geometry.clusterSize();
                                case 4, 5 -> 1;
                                case 6 -> (long) input.u8() * geometry.clusterSize();
                                default -> wrong + (long) i * geometry.clusterSize();
                            };
                    writeEntry(file, at + 8L * i, entry);
                }
            }
        }

        private long index() {
            int n = geometry.entriesPerTable();
            return switch (input.u8() >>> 6) {
                case 3 -> n - 1 - input.u8() % 32;
                case 2 -> (input.i32() & Integer.MAX_VALUE) % n;
                default -> input.u8() % 32;
            };
        }

        private long anyOffset() {
            return switch (input.u8() >>> 6) {
                case 3 -> input.i64();
                case 2 -> (long) input.i32() * geometry.clusterSize();
                case 1 -> (long) input.u8() * geometry.clusterSize() + input.u16();
                default -> (long) input.u8() * geometry.clusterSize();
            };
        }

        /** Entries stay inside the file, so that its length is what was chosen. */
        private static void writeEntry(SparseFile file, long at, long entry) throws IOException {
            if (at >= 0 && at <= file.length() - 8) {
                ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
                bytes.putLong(0, entry);
                file.write(at, bytes);
            }
        }
    }
}
