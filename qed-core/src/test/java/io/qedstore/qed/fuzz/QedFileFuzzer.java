package io.qedstore.qed.fuzz;

import io.qedstore.qed.ChainExtents;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.check.CheckLimitException;
import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.check.ConsistencyCheck;
import io.qedstore.qed.check.Repair;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedError;
import io.qedstore.qed.format.QedFormatException;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.TableBounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fuzz target: opens a file in both layouts, reads, maps, checks, writes, repairs and writes again.
 *
 * <p>What must hold for every file:
 *
 * <ul>
 *   <li>nothing is thrown but {@link QedFormatException} and {@link CheckLimitException};
 *   <li>memory stays within {@link MemoryBudget}, time within the timeout that the fuzzer is run with;
 *   <li>data of the guest lie in clusters that the file has;
 *   <li>a repaired file has nothing more to repair, and as many corruptions as the repair said;
 *   <li>a file whose tables are sound serves every request; what was written is read back, neighbours keep their bytes,
 *       and afterwards the tables are still sound, nothing has leaked and NEED_CHECK is clear.
 * </ul>
 */
public final class QedFileFuzzer {
    private static final long L2_CACHE_BYTES = 32 << 10;
    private static final long BITMAP_LIMIT_BYTES = 4 << 20;
    private static final int MAX_EXTENTS = 2000;
    private static final int NEIGHBOUR_BYTES = 700;
    private static final int MEMORY_ATTEMPTS = 12;

    private final FuzzedImage image;
    private final MemoryBudget budget;

    private QedFileFuzzer(FuzzedImage image) {
        this.image = image;
        this.budget = new MemoryBudget(image.file().realBytes());
    }

    /** Called by Jazzer for each input. */
    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        depth(bytes);
    }

    /** How far an input got; the seeds' test wants all of them. */
    enum Depth {
        REFUSED,
        CORRUPT,
        SOUND
    }

    /** Makes every test with one input. Too much memory counts if it is always too much: at first, classes are loaded. */
    static Depth depth(byte[] bytes) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return new QedFileFuzzer(FuzzedImage.decode(bytes)).run();
            } catch (MemoryBudget.ExceededException e) {
                if (attempt == MEMORY_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Depth run() throws IOException {
        QedHeader draft = open(HeaderLayout.DRAFT_2010);
        if (draft != null) {
            inspect(draft, HeaderLayout.DRAFT_2010);
        }
        QedHeader header = open(HeaderLayout.FINAL);
        if (header == null) {
            return Depth.REFUSED;
        }
        List<FuzzedRequest> requests = FuzzedRequest.decode(image.input(), header.geometry(), header.imageSize());
        inspect(header, HeaderLayout.FINAL);
        serve(header, copy(), requests, false);
        return repairAndServe(header, requests);
    }

    private @Nullable QedHeader open(HeaderLayout layout) throws IOException {
        try {
            return HeaderReader.read(image.file(), layout).header();
        } catch (QedFormatException e) {
            return null;
        } finally {
            budget.check("reading the header");
        }
    }

    private SparseFile copy() {
        SparseFile copy = image.file().copy();
        budget.exclude(copy.realBytes() + copy.realBytes() / 16 + 1024);
        return copy;
    }

    // ---- reading and checking

    private void inspect(QedHeader header, HeaderLayout layout) throws IOException {
        ImageGeometry geometry = header.geometry();
        budget.allowOpen(geometry.l1EntriesFor(header.imageSize()));
        QedImage opened = QedImage.open("fuzzed", image.file(), header, backing(header), L2_CACHE_BYTES);
        long cluster = geometry.clusterSize();
        long size = header.imageSize();
        for (long offset :
                new long[] {0, cluster - 300, 31 * cluster, geometry.l2SpanBytes() - 300, size / 2, size - 5}) {
            readTolerantly(opened, Math.max(0, offset));
        }
        budget.check("reading");
        map(opened, TableBounds.of(header, image.file().length()));
        budget.check("mapping");
        try {
            ConsistencyCheck.run(
                    image.file(), header, layout == HeaderLayout.FINAL, BITMAP_LIMIT_BYTES, finding -> false);
        } catch (CheckLimitException e) {
            // allowed: the entries lie far apart
        }
        budget.check("checking");
    }

    private void readTolerantly(GuestImage opened, long guestOffset) throws IOException {
        int bytes = 1000;
        budget.allowRequest(2, bytes, 0);
        try {
            opened.read(guestOffset, ByteBuffer.allocate(bytes));
        } catch (QedFormatException e) {
            // allowed: the entry is invalid
        }
    }

    private void map(GuestImage opened, TableBounds bounds) throws IOException {
        long size = opened.sizeBytes();
        int extents = 0;
        try {
            for (long at = 0; at < size && extents < MAX_EXTENTS; extents++) {
                budget.allowRequest(1, 0, 0);
                ChainExtents.ChainExtent extent = ChainExtents.at(opened, at, size - at);
                require(extent.lengthBytes() > 0 && extent.lengthBytes() <= size - at, "an extent leaves the image");
                requireInFile(extent, bounds);
                at += extent.lengthBytes();
            }
            if (extents < MAX_EXTENTS && size < 1L << 50) {
                budget.allowRequest(extents + (size >>> 40), 0, 0);
                long[] end = new long[1];
                ChainExtents.forEach(opened, extent -> {
                    require(extent.guestOffset() == end[0], "extents are not adjacent");
                    end[0] += extent.lengthBytes();
                });
                require(end[0] == size, "the extents do not cover the image");
            }
        } catch (QedFormatException e) {
            // allowed: an entry is invalid
        }
    }

    private static void requireInFile(ChainExtents.ChainExtent extent, TableBounds bounds) {
        if (extent.depth() == 0 && extent.fileOffset().isPresent()) {
            long start = extent.fileOffset().getAsLong();
            require(
                    start >= bounds.headerBytes() && start <= bounds.usableBytes() - extent.lengthBytes(),
                    "data outside of the file's clusters: " + extent);
        }
    }

    private static long slices(ImageGeometry geometry, long lengthBytes) {
        return 2 + lengthBytes / (512L * geometry.clusterSize());
    }

    private static @Nullable GuestImage backing(QedHeader header) throws IOException {
        if (!header.hasBackingFile()) {
            return null;
        }
        SparseFile file = new SparseFile(100_000);
        for (int at = 0; at < 100_000; at += 10_000) {
            file.write(at, pattern(4000, at));
        }
        return new RawImage("backing", file);
    }

    private static ByteBuffer pattern(int bytes, long seed) {
        ByteBuffer data = ByteBuffer.allocate(bytes);
        for (int i = 0; i < bytes; i++) {
            data.put((byte) (seed + 31L * i | 1));
        }
        return data.flip();
    }

    // ---- repairing and writing

    private Depth repairAndServe(QedHeader header, List<FuzzedRequest> requests) throws IOException {
        if (header.l1TableOffset() == 0) {
            return Depth.CORRUPT; // header_size 0 allows an L1 table over the header, which nothing can keep sound
        }
        SparseFile file = copy();
        CheckResult repaired;
        CheckResult second;
        try {
            repaired = PlainImage.repair(file, header);
            second = ConsistencyCheck.run(file, header, true, Long.MAX_VALUE, finding -> {
                require(Repair.changeFor(finding).isEmpty(), "still to be repaired: " + finding);
                return false;
            });
        } catch (CheckLimitException e) {
            return Depth.CORRUPT;
        } finally {
            budget.check("repairing");
        }
        require(second.corruptions() == repaired.corruptions(), "repair left " + repaired + ", found " + second);
        if (second.corruptions() > 0) {
            serve(header, file, requests, false);
            return Depth.CORRUPT;
        }
        serve(header, file, requests, true);
        QedHeader after = HeaderReader.read(file, HeaderLayout.FINAL).header();
        require(!after.needsCheck() && after.autoclearFeatures() == 0, "the header was not cleaned: " + after);
        budget.exclude(file.ownAllocatedBytes() * 20); // a check reads what was written since
        CheckResult third = ConsistencyCheck.run(file, after, true, Long.MAX_VALUE, finding -> false);
        require(third.corruptions() == 0, "requests to a sound image left " + third);
        require(third.leaks() <= second.leaks(), "leaks grew from " + second + " to " + third);
        return Depth.SOUND;
    }

    private void serve(QedHeader header, SparseFile file, List<FuzzedRequest> requests, boolean sound)
            throws IOException {
        ImageGeometry geometry = header.geometry();
        budget.allowOpen(geometry.l1EntriesFor(header.imageSize()));
        try (PlainImage opened = PlainImage.open("fuzzed", file, backing(header), L2_CACHE_BYTES)) {
            for (FuzzedRequest request : requests) {
                boolean data = request.kind() == FuzzedRequest.Kind.WRITE;
                budget.allowRequest(
                        slices(geometry, request.lengthBytes()) + request.lengthBytes() / geometry.l2SpanBytes(),
                        request.kind() == FuzzedRequest.Kind.READ || data ? 4 * request.lengthBytes() : 8192,
                        opened.backing() == null ? 0 : 4L * geometry.clusterSize());
                try {
                    serve(opened, request, sound);
                } catch (QedFormatException e) {
                    require(!sound || e.error() == QedError.TOO_LARGE || e.error() == QedError.RESIZE, e.toString());
                }
            }
        } catch (QedFormatException | CheckLimitException e) {
            require(!sound, e.toString());
        } finally {
            budget.exclude(file.ownAllocatedBytes());
            budget.check("serving requests");
        }
    }

    private void serve(PlainImage opened, FuzzedRequest request, boolean sound) throws IOException {
        long offset = request.guestOffset();
        long length = request.lengthBytes();
        switch (request.kind()) {
            case READ -> opened.read(offset, ByteBuffer.allocate((int) length));
            case WRITE -> {
                byte[] expected = around(opened, request, sound);
                ByteBuffer data = pattern((int) length, offset);
                opened.write(offset, data);
                if (sound) {
                    data.get(expected, before(request), (int) length);
                }
                require(Arrays.equals(expected, around(opened, request, sound)), "read back otherwise: " + request);
            }
            case ZERO -> {
                boolean compare = sound && length <= 1 << 20;
                byte[] expected = around(opened, request, compare);
                opened.writeZeroes(offset, length);
                if (compare) {
                    int from = before(request);
                    Arrays.fill(expected, from, from + (int) length, (byte) 0);
                }
                require(Arrays.equals(expected, around(opened, request, compare)), "read back otherwise: " + request);
            }
            case DISCARD -> opened.discard(offset, length);
            case GROW -> {
                int entries = opened.header().geometry().l1EntriesFor(opened.sizeBytes());
                budget.allowOpen(2 * entries + 1024);
                opened.resize(opened.sizeBytes() + 512 * (length & 0xffff));
            }
            case CLEAR_NEED_CHECK -> opened.clearNeedCheck();
        }
    }

    private static int before(FuzzedRequest request) {
        return (int) Math.min(NEIGHBOUR_BYTES, request.guestOffset());
    }

    /** The request's bytes with some before and after; nothing if the image is not sound, for then they may be anyone's. */
    private byte[] around(PlainImage opened, FuzzedRequest request, boolean sound) throws IOException {
        if (!sound) {
            return new byte[0];
        }
        int before = before(request);
        byte[] bytes = new byte[before + (int) request.lengthBytes() + NEIGHBOUR_BYTES];
        budget.exclude(2L * bytes.length);
        opened.read(request.guestOffset() - before, ByteBuffer.wrap(bytes));
        return bytes;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
