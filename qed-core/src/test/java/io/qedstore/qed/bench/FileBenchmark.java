package io.qedstore.qed.bench;

import io.qedstore.qed.PlainImage;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Requests to a local image in a file on disk, without syncs: what the page cache gives. Clusters of 64 KiB. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init")
public class FileBenchmark {
    private static final int SMALL_BYTES = 4096;
    private static final int LARGE_BYTES = 1 << 20;
    private static final ImageGeometry GEOMETRY =
            new ImageGeometry(ImageGeometry.DEFAULT_CLUSTER_SIZE, ImageGeometry.DEFAULT_TABLE_SIZE);

    /** 256 MiB, all of them written. */
    @State(Scope.Thread)
    public static class Filled {
        private static final long IMAGE_BYTES = 256L << 20;

        private final ByteBuffer small = BenchedImage.data(SMALL_BYTES);
        private final ByteBuffer large = BenchedImage.data(LARGE_BYTES);
        private final long[] offsets = new long[1 << 16];
        private BenchedImage file;
        private PlainImage image;
        private int nextSmall;
        private long nextLarge;

        @Setup
        public void fill() throws IOException {
            file = new BenchedImage(GEOMETRY, IMAGE_BYTES);
            image = PlainImage.open("bench", file.file(), null, QedImage.DEFAULT_L2_CACHE_BYTES);
            for (long at = 0; at < IMAGE_BYTES; at += LARGE_BYTES) {
                image.write(at, large);
            }
            image.flush();
            SplittableRandom random = new SplittableRandom(7);
            for (int i = 0; i < offsets.length; i++) {
                offsets[i] = random.nextLong(IMAGE_BYTES / SMALL_BYTES) * SMALL_BYTES;
            }
        }

        @TearDown
        public void close() throws IOException {
            image.close();
            file.close();
        }

        private long smallOffset() {
            nextSmall = (nextSmall + 1) & (offsets.length - 1);
            return offsets[nextSmall];
        }

        private long largeOffset() {
            nextLarge = (nextLarge + LARGE_BYTES) % IMAGE_BYTES;
            return nextLarge;
        }
    }

    /** 1 TiB, empty, and filled cluster after cluster; a new one for each iteration. */
    @State(Scope.Thread)
    public static class Fresh {
        private final ByteBuffer small = BenchedImage.data(SMALL_BYTES);
        private BenchedImage file;
        private PlainImage image;
        private long next;

        @Setup(Level.Iteration)
        public void open() throws IOException {
            file = new BenchedImage(GEOMETRY, 1L << 40);
            image = PlainImage.open("bench", file.file(), null, QedImage.DEFAULT_L2_CACHE_BYTES);
            next = 0;
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            image.close();
            file.close();
        }
    }

    @Benchmark
    public void write4KiBInPlace(Filled filled) throws IOException {
        filled.image.write(filled.smallOffset(), filled.small);
    }

    @Benchmark
    public void write4KiBFresh(Fresh fresh) throws IOException {
        fresh.image.write(fresh.next, fresh.small);
        fresh.next += GEOMETRY.clusterSize();
    }

    @Benchmark
    public void write1MiBSequential(Filled filled) throws IOException {
        filled.image.write(filled.largeOffset(), filled.large);
    }

    @Benchmark
    public void read4KiB(Filled filled) throws IOException {
        filled.image.read(filled.smallOffset(), filled.small.clear());
    }

    @Benchmark
    public void read1MiB(Filled filled) throws IOException {
        filled.image.read(filled.largeOffset(), filled.large.clear());
    }
}
