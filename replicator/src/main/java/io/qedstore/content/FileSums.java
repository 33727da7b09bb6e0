package io.qedstore.content;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The digests of a file's blocks in a file of their own: 16 bytes for each block, at its number. So a file of any size can be made
 * with little memory. The sum is not stored: it is added up when the file is opened. One thread.
 */
public final class FileSums implements BlockSums.Pages {
    private final ImageFile file;

    public FileSums(ImageFile file) {
        this.file = file;
    }

    /** Makes the sums of a file that nobody changes meanwhile; what was there is forgotten. */
    public BlockSums make(FileView of, DigestAlgorithm algorithm) throws IOException {
        file.setLength(0);
        PageRun run = new PageRun();
        Digest sum = ContentScan.sum(of, algorithm, run::add);
        run.write();
        return new BlockSums(this, sum, of.length());
    }

    /**
     * Opens those that are there.
     *
     * @param lengthBytes of the file whose blocks they are; after a crash it may have been longer
     */
    public BlockSums open(long lengthBytes) throws IOException {
        ContentSum sum = new ContentSum(Digest.NONE);
        long pages = (file.length() + BlockSums.PAGE_BYTES - 1) / BlockSums.PAGE_BYTES;
        for (long number = next(0); number < pages; number = next(number + 1)) {
            ByteBuffer page = read(number);
            while (page.hasRemaining()) {
                sum.add(Digest.read(page));
            }
        }
        return new BlockSums(this, sum.value(), Math.max(lengthBytes, blocks() * BlockDigest.BLOCK_BYTES));
    }

    private long blocks() {
        return (file.length() + Digest.BYTES - 1) / Digest.BYTES;
    }

    private ByteBuffer read(long number) throws IOException {
        ByteBuffer page = ByteBuffer.allocate(BlockSums.PAGE_BYTES);
        file.read(number * BlockSums.PAGE_BYTES, page);
        return page.flip();
    }

    @Override
    public byte @Nullable [] page(long number) throws IOException {
        byte[] page = read(number).array();
        for (byte each : page) {
            if (each != 0) {
                return page;
            }
        }
        return null;
    }

    @Override
    public long next(long number) throws IOException {
        long data = file.nextData(number * BlockSums.PAGE_BYTES);
        return data >= file.length() ? Long.MAX_VALUE : data / BlockSums.PAGE_BYTES;
    }

    /** Writes what has changed; on the disk only once the file was synced. */
    public void store(BlockSums.Change change) throws IOException {
        for (Map.Entry<Long, byte[]> page : change.pages().entrySet()) {
            file.write(page.getKey() * BlockSums.PAGE_BYTES, ByteBuffer.wrap(page.getValue()));
        }
    }

    /** Pages that are filled from their beginning to their end. */
    private final class PageRun {
        private final ByteBuffer page = ByteBuffer.allocate(BlockSums.PAGE_BYTES);
        private long number = -1;

        void add(long block, Digest digest) throws IOException {
            long of = block / BlockSums.PAGE_BLOCKS;
            if (of != number) {
                write();
                number = of;
            }
            page.position((int) (block % BlockSums.PAGE_BLOCKS) * Digest.BYTES);
            digest.write(page);
        }

        void write() throws IOException {
            if (number >= 0) {
                file.write(number * BlockSums.PAGE_BYTES, page.clear());
                page.clear().put(new byte[BlockSums.PAGE_BYTES]);
            }
        }
    }
}
