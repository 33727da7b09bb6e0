package io.qedstore.qed.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.PlainImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.model.DiskModel;
import io.qedstore.qed.model.Operation;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.Seeds;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import io.qedstore.qed.recipe.QemuIoScript;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same operations, by qemu and here, give the same file, byte for byte, which qemu finds clean. Discards are left
 * out, for qemu ignores them; so are the two cases in which qemu is wrong: writing a part of a zero cluster in front of
 * a backing file, and pieces of nearly as many clusters as a cluster has bytes.
 */
@Tag("once") // on one JDK
class QemuAgreementConformanceIT {
    private static final int SEQUENCES = 60;
    private static final int OPERATIONS = 14;

    /** Beyond, it counts the bytes of a run in 32 bits and aborts with a failed assertion, on its own file too. */
    private static final long QEMU_COMPARES_UP_TO = 2L << 30;

    private final Path folder;
    private final Qemu qemu;

    QemuAgreementConformanceIT(@TempDir Path folder) {
        this.folder = folder;
        this.qemu = Qemu.in(folder);
    }

    @Test
    void theSameOperationsGiveTheSameFile() {
        Seeds.forEach(SEQUENCES, this::run);
    }

    private void run(long seed) throws IOException {
        Random random = new Random(seed);
        TestDisk disk = TestDisk.random(new ImageGeometry(4096 << random.nextInt(7), 2 << random.nextInt(4)), random);
        TestBacking backing = disk.newBacking(random);
        if (backing.image() != null) {
            writeBackingFile(disk, backing);
        }
        try (ChannelImageFile ours = ChannelImageFile.createOrOpen(folder.resolve("ours.qed"))) {
            disk.createIn(ours);
        }
        create(disk);
        RandomOperations operations = new RandomOperations(random, disk, backing);
        DiskModel model = new DiskModel(disk, backing);
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < OPERATIONS; i++) {
            Operation operation = operations.nextOfQemu(model.sizeBytes());
            if (backing.image() != null && model.writesPartOfZeroCluster(operation)) {
                continue;
            }
            model.apply(operation);
            if (operation instanceof Operation.Reopen || operation instanceof Operation.Resize) {
                runBoth(commands);
                commands.clear();
            }
            if (operation instanceof Operation.Resize resize) {
                resizeBoth(resize.newSizeBytes());
            } else if (!(operation instanceof Operation.Reopen)) {
                commands.add(command(operation));
            }
        }
        runBoth(commands);
        assertSameFile();
        qemu.succeed("qemu-img", "check", "-f", "qed", "ours.qed");
        if (disk.geometry().l2SpanBytes() <= QEMU_COMPARES_UP_TO) {
            qemu.succeed("qemu-img", "compare", "-f", "qed", "-F", "qed", "ours.qed", "theirs.qed");
        }
    }

    private void writeBackingFile(TestDisk disk, TestBacking backing) throws IOException {
        boolean raw = disk.backing() != TestBacking.Kind.QED;
        String name = raw ? "backing.raw" : "backing.qed";
        Files.deleteIfExists(folder.resolve(name));
        qemu.succeed("qemu-img", "create", "-q", "-f", raw ? "raw" : "qed", name, Long.toString(backing.sizeBytes()));
        int bytes = (int) Math.max(0, Math.min(disk.windowBytes(), backing.sizeBytes() - disk.windowStart()));
        ByteBuffer window = backing.window().duplicate().limit(bytes);
        if (raw) {
            try (ChannelImageFile file = ChannelImageFile.open(folder.resolve(name), FileAccess.WRITE)) {
                file.write(disk.windowStart(), window);
            }
        } else if (bytes > 0) {
            try (PlainImage image = PlainImage.open(folder.resolve(name))) {
                image.write(disk.windowStart(), window);
            }
        }
    }

    private void create(TestDisk disk) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("create", "-q", "-f", "qed"));
        ImageGeometry geometry = disk.geometry();
        arguments.addAll(
                List.of("-o", "cluster_size=" + geometry.clusterSize() + ",table_size=" + geometry.tableSize()));
        if (disk.backing() != TestBacking.Kind.NONE) {
            String format = disk.backing() == TestBacking.Kind.QED ? "qed" : "raw";
            arguments.addAll(List.of("-b", "backing." + format, "-F", format));
        }
        arguments.addAll(List.of("theirs.qed", Long.toString(disk.sizeBytes())));
        qemu.succeed("qemu-img", arguments.toArray(String[]::new));
    }

    private static String command(Operation operation) {
        if (operation instanceof Operation.Write write) {
            return "write -P " + Byte.toUnsignedInt(write.pattern()) + " " + write.guestOffset() + " "
                    + write.lengthBytes();
        }
        if (operation instanceof Operation.WriteZeroes zeroes) {
            return "write -z " + zeroes.guestOffset() + " " + zeroes.lengthBytes();
        }
        return operation instanceof Operation.ClearNeedCheck ? "aio_flush" : "flush";
    }

    private void runBoth(List<String> commands) throws IOException {
        if (!commands.isEmpty()) {
            qemu.io("qed", "theirs.qed", commands);
            try (PlainImage image = PlainImage.open(folder.resolve("ours.qed"))) {
                QemuIoScript.run(image, commands);
            }
        }
    }

    private void resizeBoth(long newSizeBytes) throws IOException {
        qemu.succeed("qemu-img", "resize", "-q", "-f", "qed", "theirs.qed", Long.toString(newSizeBytes));
        try (PlainImage image = PlainImage.open(folder.resolve("ours.qed"))) {
            image.resize(newSizeBytes);
        }
    }

    private void assertSameFile() throws IOException {
        assertThat(Files.size(folder.resolve("ours.qed"))).isEqualTo(Files.size(folder.resolve("theirs.qed")));
        assertThat(Files.mismatch(folder.resolve("ours.qed"), folder.resolve("theirs.qed")))
                .as("first byte that differs")
                .isEqualTo(-1);
    }
}
