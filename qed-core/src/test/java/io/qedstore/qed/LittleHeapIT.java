package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.check.ConsistencyCheck;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sparse image of 1 TiB is checked in a JVM of 64 MiB of heap; its bitmap takes 2 MiB of them. */
class LittleHeapIT {
    private static final int CLUSTER = 65536;
    private static final ImageGeometry GEOMETRY = new ImageGeometry(CLUSTER, 4);
    private static final int TABLES = 512;
    private static final int ENTRIES = 32768;
    private static final long SPAN_IN_FILE = (long) ENTRIES * CLUSTER + GEOMETRY.tableBytes();

    private final Path path;

    LittleHeapIT(@TempDir Path folder) {
        path = folder.resolve("sparse.qed");
    }

    @Test
    void aSparseTebibyteIsCheckedInLittleHeap() throws IOException, InterruptedException {
        createImage();
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Checker.class.getName(),
                        path.toString()))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(output).isZero();
        long allocated = 8L * ENTRIES + (TABLES - 8) * (ENTRIES / 512);
        assertThat(output).contains("allocatedClusters=" + allocated).contains("corruptions=0,");
    }

    /** Every table has its clusters next to it; eight tables are full, in the others one entry of 512 is set. */
    private void createImage() throws IOException {
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            new NewImage(GEOMETRY, 1L << 40).createIn(file, HeaderLayout.FINAL);
            long start = file.length();
            file.setLength(start + TABLES * SPAN_IN_FILE);
            ByteBuffer l1 = ByteBuffer.allocate(TABLES * 8).order(ByteOrder.LITTLE_ENDIAN);
            for (int table = 0; table < TABLES; table++) {
                long tableOffset = start + table * SPAN_IN_FILE;
                l1.putLong(tableOffset);
                file.write(tableOffset, entries(tableOffset + GEOMETRY.tableBytes(), table % 64 == 0 ? 1 : 512));
            }
            file.write(CLUSTER, l1.flip());
        }
    }

    private static ByteBuffer entries(long firstCluster, int step) {
        ByteBuffer entries = ByteBuffer.allocate(ENTRIES * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < ENTRIES; i += step) {
            entries.putLong(i * 8, firstCluster + (long) i * CLUSTER);
        }
        return entries;
    }

    /** What the child runs. */
    static final class Checker {
        private Checker() {}

        public static void main(String[] arguments) throws IOException {
            try (ChannelImageFile file = ChannelImageFile.open(Path.of(arguments[0]), FileAccess.READ)) {
                HeaderReader start = HeaderReader.read(file, HeaderLayout.FINAL);
                CheckResult result = ConsistencyCheck.run(
                        file, start.header(), true, ConsistencyCheck.defaultBitmapLimitBytes(), finding -> false);
                System.out.println(result);
            }
        }
    }
}
