package io.qedstore.qed.bench;

import io.qedstore.qed.QedImage;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.table.ClusterRun;
import io.qedstore.qed.table.ImageTables;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** From a guest offset to the place of its 4 KiB in the file, under the plan lock, with the table in memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init")
public class LookupBenchmark {
    private static final int REQUEST_BYTES = 4096;
    private static final long IMAGE_BYTES = 16L << 30;
    private static final long SLICE_SPAN_BYTES = 512L * ImageGeometry.DEFAULT_CLUSTER_SIZE;

    /** In which order guest offsets come. */
    public enum Order {
        SEQUENTIAL(IMAGE_BYTES),
        RANDOM_ONE_SLICE(SLICE_SPAN_BYTES),
        RANDOM_512_SLICES(IMAGE_BYTES);

        private final long rangeBytes;

        Order(long rangeBytes) {
            this.rangeBytes = rangeBytes;
        }

        private long[] offsets() {
            SplittableRandom random = new SplittableRandom(7);
            long[] offsets = new long[1 << 16];
            for (int i = 0; i < offsets.length; i++) {
                long request = this == SEQUENTIAL ? i : random.nextLong(rangeBytes / REQUEST_BYTES);
                offsets[i] = request * REQUEST_BYTES;
            }
            return offsets;
        }
    }

    @Param
    public Order order;

    private final ReentrantLock lock = new ReentrantLock();
    private BenchedImage image;
    private ImageTables tables;
    private long[] offsets;
    private int next;

    @Setup
    public void open() throws IOException {
        image = new BenchedImage(
                new ImageGeometry(ImageGeometry.DEFAULT_CLUSTER_SIZE, ImageGeometry.DEFAULT_TABLE_SIZE), IMAGE_BYTES);
        image.mapAll();
        tables = ImageTables.load(image.file(), lock, image.header(), QedImage.DEFAULT_L2_CACHE_BYTES);
        offsets = order.offsets();
    }

    @TearDown
    public void close() throws IOException {
        image.close();
    }

    @Benchmark
    public ClusterRun lookup() throws IOException {
        next = (next + 1) & (offsets.length - 1);
        lock.lock();
        try {
            return tables.run(offsets[next], REQUEST_BYTES);
        } finally {
            lock.unlock();
        }
    }
}
