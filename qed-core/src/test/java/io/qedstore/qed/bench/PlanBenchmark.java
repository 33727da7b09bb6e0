package io.qedstore.qed.bench;

import io.qedstore.qed.PlanSink;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** From a guest's write of 4 KiB to its plan, which then is dropped: the price of deciding, without the file's. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init")
public class PlanBenchmark {
    private static final int REQUEST_BYTES = 4096;

    /** 16 GiB, all mapped. */
    @State(Scope.Thread)
    public static class Mapped {
        private static final long IMAGE_BYTES = 16L << 30;

        private final ByteBuffer data = BenchedImage.data(REQUEST_BYTES);
        private final long[] offsets = new long[1 << 16];
        private BenchedImage file;
        private QedImage image;
        private int next;

        @Setup
        public void open() throws IOException {
            file = new BenchedImage(
                    new ImageGeometry(ImageGeometry.DEFAULT_CLUSTER_SIZE, ImageGeometry.DEFAULT_TABLE_SIZE),
                    IMAGE_BYTES);
            file.mapAll();
            image = QedImage.open("bench", file.file(), file.header(), null, QedImage.DEFAULT_L2_CACHE_BYTES);
            SplittableRandom random = new SplittableRandom(7);
            for (int i = 0; i < offsets.length; i++) {
                offsets[i] = random.nextLong(IMAGE_BYTES / REQUEST_BYTES) * REQUEST_BYTES;
            }
        }

        @TearDown
        public void close() throws IOException {
            file.close();
        }
    }

    /** As large as its tables can map, empty, and filled cluster after cluster; a new one for each iteration. */
    @State(Scope.Thread)
    public static class Fresh {
        @Param({"4096", "65536"})
        public int clusterSize;

        private final ByteBuffer data = BenchedImage.data(REQUEST_BYTES);
        private BenchedImage file;
        private QedImage image;
        private long next;

        @Setup(Level.Iteration)
        public void open() throws IOException {
            ImageGeometry geometry = new ImageGeometry(clusterSize, ImageGeometry.MAX_TABLE_SIZE);
            file = new BenchedImage(geometry, geometry.maxImageSize());
            image = QedImage.open("bench", file.file(), file.header(), null, QedImage.DEFAULT_L2_CACHE_BYTES);
            next = 0;
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            file.close();
        }
    }

    @Benchmark
    public void writeInPlace(Mapped mapped, Blackhole blackhole) throws IOException {
        PlanSink sink = blackhole::consume;
        mapped.next = (mapped.next + 1) & (mapped.offsets.length - 1);
        mapped.image.write(mapped.offsets[mapped.next], mapped.data, sink);
    }

    @Benchmark
    public void writeAllocating(Fresh fresh, Blackhole blackhole) throws IOException {
        PlanSink sink = blackhole::consume;
        fresh.image.write(fresh.next, fresh.data, sink);
        fresh.next += fresh.clusterSize;
    }
}
