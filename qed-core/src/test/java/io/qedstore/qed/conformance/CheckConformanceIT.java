package io.qedstore.qed.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.check.ConsistencyCheck;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.model.Operation;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.Seeds;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In damaged images a check counts what {@code qemu-img check} counts, and repair leaves the bytes that qemu leaves. */
@Tag("once") // on one JDK
class CheckConformanceIT {
    private static final int IMAGES = 40;

    private final Path folder;
    private final Qemu qemu;

    CheckConformanceIT(@TempDir Path folder) {
        this.folder = folder;
        this.qemu = Qemu.in(folder);
    }

    @Test
    void damageIsCountedAndMendedAsByQemu() {
        Seeds.forEach(IMAGES, this::run);
    }

    private void run(long seed) throws IOException {
        Random random = new Random(seed);
        Path ours = folder.resolve("ours.qed");
        Path theirs = folder.resolve("theirs.qed");
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(ours)) {
            createDamaged(file, random);
            Files.copy(ours, theirs, StandardCopyOption.REPLACE_EXISTING);
            assertCountsAgree(file);
            PlainImage.repair(file, HeaderReader.read(file, HeaderLayout.FINAL).header());
        }
        qemu.run("qemu-img", "check", "-q", "-r", "all", "-f", "qed", "theirs.qed");
        assertThat(Files.mismatch(ours, theirs)).as("first byte that differs").isEqualTo(-1);
    }

    /** An image without a backing file, some of whose entries are overwritten. */
    private static void createDamaged(ChannelImageFile file, Random random) throws IOException {
        TestDisk shape = TestDisk.random(random);
        TestDisk disk = new TestDisk(
                shape.geometry(),
                shape.windowStart(),
                shape.windowBytes(),
                shape.sizeBytes(),
                TestBacking.Kind.NONE,
                4096);
        TestBacking none = disk.newBacking(random);
        disk.createIn(file);
        PlainImage image = disk.open(file, none);
        RandomOperations operations = new RandomOperations(random, disk, none);
        for (int i = 0; i < 10; i++) {
            Operation operation = operations.next(disk.sizeBytes());
            if (operation instanceof Operation.Ranged) {
                operation.performOn(image);
            }
        }
        image.clearNeedCheck();
        int clusters = (int) (file.length() / disk.clusterSize());
        for (int i = random.nextInt(4); i >= 0; i--) {
            damage(file, disk.clusterSize(), clusters, random);
        }
    }

    /** Gives an entry that points somewhere another value: of a cluster, odd, past the end, or none. */
    private static void damage(ChannelImageFile file, int clusterSize, int clusters, Random random) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        long at = random.nextInt(clusters - 1) * (long) clusterSize + clusterSize + random.nextInt(64) * 8L;
        entry.putLong(
                0,
                switch (random.nextInt(4)) {
                    case 0 -> random.nextInt(clusters) * (long) clusterSize;
                    case 1 -> random.nextLong();
                    case 2 -> (clusters + 1L) * clusterSize;
                    default -> random.nextInt(3);
                });
        file.write(at, entry);
    }

    private void assertCountsAgree(ChannelImageFile file) throws IOException {
        CheckResult result = ConsistencyCheck.run(
                file, HeaderReader.read(file, HeaderLayout.FINAL).header(), true, 1 << 20, finding -> false);
        Qemu.Outcome outcome = qemu.run("qemu-img", "check", "--output=json", "-f", "qed", "theirs.qed");
        String json = outcome.output();
        assertThat(result.corruptions()).as(json).isEqualTo(count(json, "corruptions"));
        assertThat(result.leaks()).as(json).isEqualTo(count(json, "leaks"));
        assertThat(result.allocatedClusters()).as(json).isEqualTo(count(json, "allocated-clusters"));
        assertThat(result.fragmentedClusters()).as(json).isEqualTo(count(json, "fragmented-clusters"));
        assertThat(result.totalClusters()).as(json).isEqualTo(count(json, "total-clusters"));
        assertThat(outcome.exitCode()).isEqualTo(result.corruptions() > 0 ? 2 : result.leaks() > 0 ? 3 : 0);
    }

    private static long count(String json, String key) {
        Matcher found = Pattern.compile("\"" + key + "\": (\\d+)").matcher(json);
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }
}
