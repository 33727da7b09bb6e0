package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.conformance.Qemu;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program prints what qemu-img prints and ends as it ends, on the same files. */
@Tag("once") // on one JDK
class QemuImgAgreementConformanceIT {
    private static final String SMALL = "cluster_size=4k,table_size=2";

    private final Path folder;

    QemuImgAgreementConformanceIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void needsQemu() {
        Qemu.in(folder);
    }

    private Program.Result qemu(Object... command) throws IOException, InterruptedException {
        Program.Result result = Processes.run(folder, command);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result;
    }

    private Path disk(String name) throws IOException, InterruptedException {
        Path file = folder.resolve(name + ".qed");
        switch (name) {
            case "empty" -> qemu("qemu-img", "create", "-q", "-f", "qed", file, "1M");
            case "odd-size" -> qemu("qemu-img", "create", "-q", "-f", "qed", "-o", SMALL, file, "1000000");
            case "written" -> {
                qemu("qemu-img", "create", "-q", "-f", "qed", "-o", SMALL, file, "64M");
                qemu("qemu-io", "-f", "qed", "-c", "write 8k 4k", "-c", "write 0 20k", "-c", "write -z 24k 8k", file);
                qemu("qemu-io", "-f", "qed", "-c", "write 5M 9k", "-c", "write 4190208 8192", file);
            }
            case "over-raw" -> {
                qemu("qemu-img", "create", "-q", "-f", "raw", folder.resolve("b.raw"), "3M");
                qemu("qemu-io", "-f", "raw", "-c", "write 64k 100k", folder.resolve("b.raw"));
                qemu("qemu-img", "create", "-q", "-f", "qed", "-b", "b.raw", "-F", "raw", file, "4M");
                qemu("qemu-io", "-f", "qed", "-c", "write 100k 4k", "-c", "write -z 512k 64k", file);
            }
            case "over-qed" -> {
                Path base = disk("written");
                qemu("qemu-img", "create", "-q", "-f", "qed", "-o", SMALL, "-b", base, "-F", "qed", file, "65M");
                qemu("qemu-io", "-f", "qed", "-c", "write 16k 4k", "-c", "write -z 0 8k", "-c", "write 64M 4k", file);
            }
            default -> throw new IllegalArgumentException(name);
        }
        return file;
    }

    private void assertSame(Object... arguments) throws IOException, InterruptedException {
        List<Object> theirs = new ArrayList<>(List.of("qemu-img"));
        List<Object> ours = new ArrayList<>(List.of("file"));
        theirs.addAll(List.of(arguments));
        ours.addAll(List.of(arguments));
        Program.Result expected = Processes.run(folder, theirs.toArray());
        Program.Result found = Program.run(ours.toArray());
        assertThat(found.out()).as(ours.toString()).isEqualTo(expected.out());
        assertThat(found.exitCode()).as(ours + found.err()).isEqualTo(expected.exitCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty", "odd-size", "written", "over-raw", "over-qed"})
    void printsAboutSoundFilesWhatQemuImgPrints(String name) throws IOException, InterruptedException {
        Path file = disk(name);
        for (String command : List.of("info", "map", "check")) {
            assertSame(command, file);
            assertSame(command, "--output=json", file);
        }
    }

    @Test
    void printsAboutRawFilesWhatQemuImgPrints() throws IOException, InterruptedException {
        disk("over-raw");
        assertSame("info", "-f", "raw", folder.resolve("b.raw"));
        assertSame("map", "-f", "raw", "--output=json", folder.resolve("b.raw"));
        assertSame("check", "-f", "raw", folder.resolve("b.raw"));
    }

    /** Entries of the first L2 table of the disk "written": data from cluster 3 on, the table behind the first cluster. */
    private Path corrupted(int entry, long value) throws IOException, InterruptedException {
        Path file = disk("written");
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(4 * 4096 + 8L * entry);
            bytes.writeLong(Long.reverseBytes(value));
        }
        return file;
    }

    @ParameterizedTest
    @ValueSource(longs = {0x3001, 0x7000_0000, 2, 0x3000, -4096})
    void findsInDamagedFilesWhatQemuImgFinds(long entry) throws IOException, InterruptedException {
        Path file = corrupted(0, entry);
        assertSame("check", file);
        assertSame("check", "--output=json", file);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x3001, 0x7000_0000, 0x3000})
    void repairsToTheSameBytesAndSaysTheSame(long entry) throws IOException, InterruptedException {
        Path file = corrupted(0, entry);
        Path copy = folder.resolve("copy.qed");
        qemu("cp", file, copy);
        Program.Result theirs = Processes.run(folder, "qemu-img", "check", "-r", "all", copy);
        Program.Result ours = Program.run("file", "check", "-r", "all", file);
        assertThat(ours.out()).isEqualTo(theirs.out());
        assertThat(ours.exitCode()).isEqualTo(theirs.exitCode());
        qemu("cmp", file, copy);
    }

    @Test
    void leakedClustersAreExitCodeThree() throws IOException, InterruptedException {
        Path file = disk("written");
        qemu("truncate", "-s", "+12288", file);
        assertSame("check", file);
        assertSame("check", "--output=json", file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1M",
                "0",
                "1000",
                "1.5M",
                "64T",
                "-o cluster_size=4k 1G",
                "-o cluster_size=4k,table_size=16 256G",
                "-o cluster_size=4k,table_size=2 4G",
                "-o size=3M",
                "-o cluster_size=3k 1M",
                "-o table_size=3 1M",
                "-o cluster_size=128M 1M",
                "-o cluster_size=4k,table_size=2 4294967808",
                "-o foo=1 1M",
                "abc",
                "16E",
                "-o size=1M 2M",
                "-b missing.raw -F raw 1M",
                "-u -b missing.raw -F raw 1M",
                "-u -b missing.raw 1M",
                "-o cluster_size=abc 1M",
                "-o cluster_size=-1 1M",
                "-o table_size=1 1M",
                "-o cluster_size=64M 0",
                "-o cluster_size=8M,table_size=1 1M",
                "-o cluster_size=2M,table_size=8 9223372036854775296"
            })
    void createsAndRefusesWhatQemuImgDoes(String arguments) throws IOException, InterruptedException {
        Path ours = folder.resolve("ours/x.qed");
        Path theirs = folder.resolve("theirs/x.qed");
        qemu("mkdir", "ours", "theirs");
        List<String> words = new ArrayList<>(List.of(arguments.split(" ", -1)));
        int at = words.get(words.size() - 1).startsWith("size=") ? words.size() : words.size() - 1;
        List<Object> qemuWords = new ArrayList<>(List.of("qemu-img", "create", "-f", "qed"));
        List<Object> ourWords = new ArrayList<>(List.of("file", "create"));
        qemuWords.addAll(words);
        ourWords.addAll(words);
        qemuWords.add(at + 4, theirs);
        ourWords.add(at + 2, ours);
        Program.Result expected = Processes.run(folder, qemuWords.toArray());
        Program.Result found = Program.run(ourWords.toArray());
        assertThat(found.exitCode()).as(found.err()).isEqualTo(expected.exitCode());
        if (expected.exitCode() == 0) {
            assertThat(found.out()).isEqualTo(expected.out().replace(theirs.toString(), ours.toString()));
            qemu("cmp", ours, theirs);
        } else {
            String text = expected.err().lines().findFirst().orElseThrow().replaceFirst("^qemu-img: ", "");
            assertThat(found.err())
                    .contains(
                            text.replace(folder + "/theirs/", folder + "/ours/").replaceFirst("[.']$", ""));
            assertThat(ours).doesNotExist();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2M", "+1M", "+1", "1M", "4T", "+abc"})
    void resizesAsQemuImgDoes(String size) throws IOException, InterruptedException {
        Path ours = disk("empty");
        Path theirs = folder.resolve("theirs.qed");
        qemu("cp", ours, theirs);
        Program.Result expected = Processes.run(folder, "qemu-img", "resize", "-f", "qed", theirs, size);
        Program.Result found = Program.run("file", "resize", ours, size);
        assertThat(found.exitCode()).as(found.err()).isEqualTo(expected.exitCode());
        assertThat(found.out()).isEqualTo(expected.out());
        qemu("cmp", ours, theirs);
    }

    @Test
    void comparesAsQemuImgDoes() throws IOException, InterruptedException {
        Path one = disk("over-qed");
        Path flat = folder.resolve("flat.raw");
        qemu("qemu-img", "convert", "-O", "raw", one, flat);
        assertSame("compare", one, flat);
        qemu("truncate", "-s", "+1M", flat);
        assertSame("compare", one, flat);
        assertSame("compare", "-s", one, flat);
        qemu("qemu-io", "-f", "raw", "-c", "write -P 9 5M 512", flat);
        assertSame("compare", one, flat);
        assertSame("compare", one, folder.resolve("missing"));
    }
}
