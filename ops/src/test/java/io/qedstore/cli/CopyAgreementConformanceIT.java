package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.conformance.Qemu;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole disks that are converted, rebased and committed come out as with qemu-img. The seed is the test's argument. */
@Tag("once") // on one JDK
class CopyAgreementConformanceIT {
    private static final long SIZE = 12 << 20;

    private final Path folder;

    CopyAgreementConformanceIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void needsQemu() {
        Qemu.in(folder);
    }

    private void run(Object... command) throws IOException, InterruptedException {
        Program.Result result = Processes.run(folder, command);
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
    }

    private static void ours(Object... command) {
        Program.Result result = Program.run(command);
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
    }

    private static String options(Random random) {
        return "cluster_size=" + (4096 << random.nextInt(6)) + ",table_size=" + (2 << random.nextInt(4));
    }

    private void write(Random random, String format, Path file) throws IOException, InterruptedException {
        List<Object> command = new ArrayList<>(List.of("qemu-io", "-f", format));
        for (int i = 0; i < 12; i++) {
            long offset = random.nextLong(SIZE / 512) * 512;
            long length = Math.min(SIZE - offset, (1 + random.nextInt(random.nextBoolean() ? 16 : 2000)) * 512L);
            String how = random.nextInt(4) == 0 ? "-z" : "-P " + random.nextInt(3);
            command.add("-c");
            command.add("write " + how + " " + offset + " " + length);
        }
        command.add(file);
        run(command.toArray());
    }

    private Path image(Random random, String name, String... backing) throws IOException, InterruptedException {
        Path file = folder.resolve(name);
        List<Object> command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qed", "-o", options(random)));
        command.addAll(List.of(backing));
        command.addAll(List.of(file, SIZE));
        run(command.toArray());
        write(random, "qed", file);
        return file;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aRawDiskBecomesTheSameQedFile(long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        Path source = folder.resolve("source.raw");
        run("qemu-img", "create", "-q", "-f", "raw", source, SIZE);
        write(random, "raw", source);
        String options = options(random);
        String sparse = random.nextInt(3) == 0 ? "0" : "4k";
        run("qemu-img", "convert", "-m", "1", "-S", sparse, "-O", "qed", "-o", options, source, "theirs.qed");
        ours("file", "convert", "-S", sparse, "-O", "qed", "-o", options, source, folder.resolve("ours.qed"));
        run("cmp", "theirs.qed", "ours.qed");
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void aChainBecomesTheSameFlatFiles(long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        image(random, "base.qed");
        Path top = image(random, "top.qed", "-b", "base.qed", "-F", "qed");
        run("qemu-img", "convert", "-m", "1", "-O", "raw", top, "theirs.raw");
        ours("file", "convert", "-O", "raw", top, folder.resolve("ours.raw"));
        run("cmp", "theirs.raw", "ours.raw");
        run("qemu-img", "convert", "-m", "1", "-O", "qed", top, "theirs.qed");
        ours("file", "convert", "-O", "qed", top, folder.resolve("ours.qed"));
        run("cmp", "theirs.qed", "ours.qed");
        run("qemu-img", "check", "ours.qed");
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void aRebasedOverlayIsTheSameFile(long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        image(random, "old.qed");
        image(random, "new.qed");
        Path ours = image(random, "ours.qed", "-b", "old.qed", "-F", "qed");
        run("cp", ours, "theirs.qed");
        run("qemu-img", "convert", "-O", "raw", ours, "before.raw");
        String backing = seed % 2 == 0 ? "new.qed" : "";
        run("qemu-img", "rebase", "-f", "qed", "-b", backing, "-F", "qed", "theirs.qed");
        ours("file", "rebase", "-b", backing, "-F", "qed", ours);
        run("qemu-img", "compare", ours, "before.raw");
        run("cmp", "theirs.qed", "ours.qed");
        run("qemu-img", "check", ours);
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34})
    void aCommittedOverlayIsInItsBase(long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        image(random, "base.qed");
        Path top = image(random, "top.qed", "-b", "base.qed", "-F", "qed");
        run("qemu-img", "convert", "-O", "raw", top, "before.raw");
        ours("file", "commit", top);
        run("qemu-img", "compare", "base.qed", "before.raw");
        run("qemu-img", "compare", top, "before.raw");
        run("qemu-img", "check", "base.qed");
    }
}
