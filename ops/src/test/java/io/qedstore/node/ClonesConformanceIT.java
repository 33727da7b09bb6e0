package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import io.qedstore.kafka.TestKafka;
import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clones, as qemu's tools see them over NBD and as files.
 *
 * <p>Turns red when a clone's file does not name its base, when a copy is read without it or made flat without it, or when a base stays
 * behind its last clone.
 */
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the fields are set before the tests
@Tag("once") // on one JDK
class ClonesConformanceIT {
    private static final long DEADLINE_SECONDS = 120;
    private static final int LOOK_MS = 50;

    private Path folder;
    private ForeignPrograms programs;
    private NodePair pair;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException, InterruptedException {
        folder = temporary;
        programs = ForeignPrograms.in(folder, "qemu-img", "qemu-io", "nbdinfo");
        pair = NodePair.start(folder, Map.of("trash.keep", "1s"));
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
        if (pair != null) {
            pair.stop();
        }
    }

    /** 16 MiB of which the first holds 0x11, under the name {@code golden}, and less of it now. */
    private PairImage base() throws IOException, InterruptedException {
        PairImage base = pair.create("16M", List.of());
        programs.qemuIo(base.uri(), "write -P 0x11 0 1M");
        pair.ours("image", "snapshot", "create", base.name(), "golden");
        programs.qemuIo(base.uri(), "write -P 0x22 0 256k");
        return base;
    }

    /** The files of a clone and of all behind it, as a node has them, in a folder of their own. */
    private Path chain(Path file, String name, String... bases) throws IOException {
        Path copies = Files.createDirectories(folder.resolve(name));
        for (String base : bases) {
            Files.copy(file.resolveSibling(base), copies.resolve(base), StandardCopyOption.REPLACE_EXISTING);
        }
        return Files.copy(file, copies.resolve("top.qed"), StandardCopyOption.REPLACE_EXISTING);
    }

    private void readOnly(String uri, String... commands) throws IOException, InterruptedException {
        for (String command : commands) {
            programs.succeed("qemu-io", "-r", "-f", "raw", "-c", command, uri);
        }
    }

    private void assertSameDisk(Path file, String uri) throws IOException, InterruptedException {
        assertThat(programs.succeed("qemu-img", "compare", "-f", "qed", "-F", "raw", file, uri))
                .contains("Images are identical");
    }

    @Test
    void aCloneIsItsBaseAtThatPointAndWhatIsWrittenToIt() throws IOException, InterruptedException {
        PairImage base = base();
        PairImage clone = pair.cloneOf(base.name() + "@snapshot:golden");
        programs.qemuIo(clone.uri(), "read -P 0x11 0 1M", "read -P 0 1M 15M");
        programs.qemuIo(
                clone.uri(),
                "write -P 0x33 5120 1024", // a part of a cluster
                "write -z -u 128k 64k",
                "discard 256k 64k",
                "write -P 0x44 2M 64k",
                "flush");
        String[] expected = {
            "read -P 0x11 0 5120",
            "read -P 0x33 5120 1024",
            "read -P 0x11 6144 124928",
            "read -P 0 128k 64k",
            "read -P 0x11 192k 64k",
            "read -P 0 256k 64k",
            "read -P 0x11 320k 704k",
            "read -P 0 1M 1M",
            "read -P 0x44 2M 64k",
            "read -P 0 2112k 1M"
        };
        programs.qemuIo(clone.uri(), expected);
        clone.awaitRest();
        clone.assertSameFiles();
        readOnly(clone.replicaUri(), expected);
        programs.qemuIo(base.uri(), "read -P 0x22 0 256k", "read -P 0x11 256k 768k");

        String behind = clone.baseFileName();
        assertThat(clone.ownerFile().resolveSibling(behind))
                .hasSameBinaryContentAs(clone.replicaFile().resolveSibling(behind));
        Path top = chain(clone.replicaFile(), "first", behind);
        assertThat(programs.succeed("qemu-img", "info", "--backing-chain", top)).contains("backing file: " + behind);
        programs.succeed("qemu-img", "check", "-f", "qed", top);
        assertSameDisk(top, clone.uri());
        assertThat(programs.succeed("nbdinfo", "--map=qemu:allocation-depth", clone.uri())
                        .replaceAll("\\s+", " "))
                .startsWith(" 0 65536 1 local 65536 65536 2 backing");
        assertThat(pair.ours("image", "show", clone.name())).contains(base.name() + " at sequence");
    }

    /** The recipes with a backing file that a node can have: cluster and table size, and what is done. */
    static Stream<Arguments> recipes() {
        return Stream.of(
                Arguments.of("4k", "2", List.of("write -P 0xaa 5120 1024")),
                Arguments.of("64k", "4", List.of("write -P 0xaa 100000 300000")),
                Arguments.of("4k", "2", List.of("write -z 4096 12288", "write -z 512 512")),
                Arguments.of("4k", "2", List.of("write -P 0x88 18000 4000", "write -P 0x99 900k 1k")));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void aClonesFileIsTheOneThatQemusDriverGives(String cluster, String table, List<String> commands)
            throws IOException, InterruptedException {
        PairImage base = pair.create("1M", List.of("--cluster-size=8k", "--table-size=2"));
        programs.qemuIo(base.uri(), "write -P 0x77 0 720000");
        PairImage clone = pair.cloneOf(base.name(), "--cluster-size=" + cluster, "--table-size=" + table);
        for (String command : commands) { // -u as in RecipesThroughNodeConformanceIT
            programs.qemuIo(clone.uri(), command.replaceFirst("^write -z ", "write -z -u "));
        }
        clone.awaitRest();
        Path own = chain(clone.ownerFile(), "cooked-by-qemu", clone.baseFileName());
        Path qemus = own.resolveSibling("a.qed");
        Files.deleteIfExists(qemus);
        String options = "cluster_size=" + cluster + ",table_size=" + table;
        programs.succeed(
                "qemu-img", "create", "-q", "-f", "qed", "-o", options, "-b", clone.baseFileName(), "-F", "qed", qemus);
        for (String command : commands) {
            programs.succeed("qemu-io", "-f", "qed", "-c", command, qemus);
        }
        assertThat(clone.ownerFile()).hasSameBinaryContentAs(qemus);
        assertThat(clone.replicaFile()).hasSameBinaryContentAs(qemus);
    }

    @Test
    void aCloneIsAsLargeAsItsBaseOrLarger() throws IOException, InterruptedException {
        PairImage base = base();
        Program.Result smaller = pair.run("image", "create", "too-small", "8M", "--from=" + base.name());
        assertThat(smaller.exitCode()).isEqualTo(1);
        assertThat(smaller.err()).contains("had 16777216").contains("expected that or more");
        PairImage larger = pair.cloneOf(base.name(), "20M", "--cluster-size=4k", "--table-size=2");
        programs.qemuIo(larger.uri(), "read -P 0x22 0 256k", "read -P 0x11 256k 768k", "read -P 0 16M 4M");
        pair.ours("image", "resize", larger.name(), "32M");
        programs.qemuIo(larger.uri(), "read -P 0 16M 16M", "write -P 0x55 24M 1k", "read -P 0 25M 1M");
        larger.awaitRest();
        larger.assertSameFiles();
        assertSameDisk(chain(larger.ownerFile(), "larger", larger.baseFileName()), larger.uri());
        Program.Result nowhere = pair.run("image", "create", "of-nothing", "--from=" + base.name() + "@snapshot:none");
        assertThat(nowhere.exitCode()).isEqualTo(1);
        assertThat(nowhere.err()).contains("has no snapshot none");
    }

    @Test
    void aCloneOfACloneIsServedAsItWasAndRebuiltFromTheLogsAlone() throws IOException, InterruptedException {
        PairImage base = base();
        PairImage first = pair.cloneOf(base.name() + "@snapshot:golden");
        programs.qemuIo(first.uri(), "write -P 0x66 512k 64k");
        PairImage second = pair.cloneOf(first.name());
        programs.qemuIo(second.uri(), "write -P 0x77 600k 1k");
        pair.ours("image", "snapshot", "create", second.name(), "then");
        programs.qemuIo(second.uri(), "write -P 0x88 0 1M");
        String[] expected = {
            "read -P 0x11 0 512k",
            "read -P 0x66 512k 64k",
            "read -P 0x11 576k 24k",
            "read -P 0x77 600k 1k",
            "read -P 0x11 601k 423k",
            "read -P 0 1M 1M"
        };
        readOnly(pair.replica().nbd(second.name() + "@snapshot:then"), expected);
        second.awaitRest();
        second.assertSameFiles();
        String[] bases = {second.baseFileName(), first.baseFileName()};
        assertSameDisk(chain(second.ownerFile(), "second", bases), second.uri());

        Path rebuilt = folder.resolve("rebuilt").resolve("second.qed");
        Files.createDirectories(rebuilt.resolveSibling("."));
        Program.Result result = Program.run(
                "replica",
                "rebuild",
                "--kafka=" + TestKafka.bootstrapServers(),
                "--image=" + second.name(),
                "--at=snapshot:then",
                "--to=" + rebuilt);
        assertThat(result.exitCode()).as(result.err()).isZero();
        for (String each : bases) {
            assertThat(rebuilt.resolveSibling(each))
                    .hasSameBinaryContentAs(second.ownerFile().resolveSibling(each));
        }
        programs.succeed("qemu-img", "check", "-f", "qed", rebuilt);
        for (String each : expected) {
            programs.succeed("qemu-io", "-r", "-f", "qed", "-c", each, rebuilt);
        }
        try (Stream<Path> files = Files.list(rebuilt.resolveSibling("."))) {
            assertThat(files).hasSize(3);
        }
        Path nothing = Files.createDirectories(folder.resolve("nothing"));
        Program.Result nowhere = Program.run(
                "replica",
                "rebuild",
                "--kafka=" + TestKafka.bootstrapServers(),
                "--image=" + second.name(),
                "--at=snapshot:none",
                "--to=" + nothing.resolve("second.qed"));
        assertThat(nowhere.err()).contains("has no snapshot none");
        assertThat(names(nothing))
                .as("what was made for a point that is not there")
                .isEmpty();
        assertThat(proved(rebuilt, second, "--at=snapshot:then")).contains("byte for byte");
        Path flat = folder.resolve("to-be-proved.qed");
        pair.ours("image", "export", "--flatten", second.name(), flat.toString());
        assertThat(proved(flat, second)).contains("has the content of image");
    }

    private String proved(Path file, PairImage image, String... options) throws IOException, InterruptedException {
        List<Object> words = new ArrayList<>(List.of(
                "file",
                "prove",
                file,
                "--kafka=" + TestKafka.bootstrapServers(),
                "--image=" + image.name(),
                "--scratch=" + folder));
        words.addAll(List.of(options));
        Program.Result result = Program.run(words.toArray());
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.out();
    }

    @Test
    void aCloneIsExportedWithItsChainOrFlatOrAsItIs() throws IOException, InterruptedException {
        PairImage base = base();
        PairImage first = pair.cloneOf(base.name() + "@snapshot:golden");
        programs.qemuIo(first.uri(), "write -P 0x66 512k 64k");
        PairImage second = pair.cloneOf(first.name());
        programs.qemuIo(second.uri(), "write -P 0x77 600k 1k", "write -z -u 0 64k");
        Path exported = Files.createDirectories(folder.resolve("exported"));
        Path file = exported.resolve("vm.qed");
        for (int again = 0; again < 2; again++) { // the second time the files behind are there already
            pair.ours("image", "export", "--force", second.name(), file);
            assertThat(names(exported))
                    .containsExactlyInAnyOrder("vm.qed", first.baseFileName(), second.baseFileName());
        }
        assertThat(programs.succeed("qemu-img", "info", "--backing-chain", file))
                .contains("backing file: " + first.baseFileName())
                .contains("backing file: " + second.baseFileName());
        programs.succeed("qemu-img", "check", "-f", "qed", file);
        assertSameDisk(file, second.uri());

        Path flat = exported.resolve("flat.qed");
        pair.ours("image", "export", "--flatten", second.name(), flat);
        assertThat(programs.succeed("qemu-img", "info", flat)).doesNotContain("backing file");
        programs.succeed("qemu-img", "check", "-f", "qed", flat);
        assertSameDisk(flat, second.uri());
        assertThat(names(exported)).hasSize(4);

        second.awaitRest();
        Path exact = exported.resolve("exact.qed");
        assertThat(pair.ours("image", "export", "--exact", second.name(), exact))
                .contains("it needs " + second.baseFileName() + ", " + first.baseFileName());
        assertThat(exact).hasSameBinaryContentAs(second.ownerFile());
        Files.writeString(exported.resolve(first.baseFileName()), "something else");
        Program.Result refused = pair.run("image", "export", second.name(), exported.resolve("other.qed"));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("which belongs there; replace it with --force");
    }

    /** A base that was rewound, and a clone of it. */
    @Test
    void whatWasRewoundIsExportedAsItIsServed() throws IOException, InterruptedException {
        PairImage base = base();
        PairImage clone = pair.cloneOf(base.name() + "@snapshot:golden");
        programs.qemuIo(clone.uri(), "write -P 0x66 512k 64k", "write -P 0x67 4M 1M");
        pair.ours("image", "snapshot", "create", clone.name(), "before");
        programs.qemuIo(clone.uri(), "write -P 0x77 0 768k", "discard 4M 1M", "write -P 0x78 6M 100k", "flush");
        rewind(base, "snapshot:golden");
        rewind(clone, "snapshot:before");
        assertExported(base, "read -P 0x11 0 1M", "read -P 0 1M 15M");
        String[] expected = {
            "read -P 0x11 0 512k",
            "read -P 0x66 512k 64k",
            "read -P 0x11 576k 448k",
            "read -P 0 1M 3M",
            "read -P 0x67 4M 1M",
            "read -P 0 5M 11M"
        };
        assertExported(clone, expected);
        clone.awaitRest();
        clone.assertSameFiles();
    }

    private void rewind(PairImage image, String point) throws IOException, InterruptedException {
        await(
                "the last client to be gone",
                () -> pair.run("image", "rewind", image.name() + "@" + point).exitCode() == 0);
    }

    /** In each form it can be read by qemu, and is the disk that is served. */
    private void assertExported(PairImage image, String... expected) throws IOException, InterruptedException {
        programs.qemuIo(image.uri(), expected);
        image.awaitRest(); // its own bytes change no more
        Path exported = Files.createDirectories(folder.resolve("rewound-" + image.name()));
        for (String form : List.of("", "--flatten", "--exact")) { // the last needs what the first has put beside it
            Path file = exported.resolve("vm" + form + ".qed");
            if (form.isEmpty()) {
                pair.ours("image", "export", image.name(), file);
            } else {
                pair.ours("image", "export", form, image.name(), file);
            }
            programs.succeed("qemu-img", "check", "-f", "qed", file);
            assertSameDisk(file, image.uri());
        }
        assertThat(programs.succeed("qemu-img", "info", exported.resolve("vm--flatten.qed")))
                .doesNotContain("backing file");
        assertThat(exported.resolve("vm--exact.qed")).hasSameBinaryContentAs(image.ownerFile());
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    @Test
    void aBaseStaysAsLongAsItsClonesAndNoLonger() throws IOException, InterruptedException {
        PairImage base = base();
        PairImage one = pair.cloneOf(base.name() + "@snapshot:golden");
        PairImage other = pair.cloneOf(base.name() + "@snapshot:golden");
        String file = one.baseFileName();
        assertThat(other.baseFileName()).isEqualTo(file);
        Program.Result refused = pair.run("image", "delete", base.name());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains(one.name()).contains(other.name()).contains("delete those first");
        await("both", () -> Files.exists(base.replicaFile().resolveSibling(file)));
        pair.ours("image", "delete", one.name());
        await("the first to be purged", () -> !Files.exists(one.ownerFile()) && !Files.exists(one.replicaFile()));
        programs.qemuIo(other.uri(), "read -P 0x11 0 1M");
        assertThat(base.ownerFile().resolveSibling(file)).exists();
        pair.ours("image", "delete", other.name());
        await("the base's files to go", () -> left(base.ownerFile(), file) == 0 && left(base.replicaFile(), file) == 0);
        pair.ours("image", "delete", base.name());
        await("the base to be purged", () -> !Files.exists(base.ownerFile()) && !Files.exists(base.replicaFile()));
    }

    private static long left(Path beside, String base) {
        String start = base.replace(".qed", ".");
        try (Stream<Path> files = Files.list(beside.resolveSibling("."))) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(start))
                    .count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private interface Look {
        boolean isSo() throws IOException;
    }

    private static void await(String what, Look look) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!look.isSo()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }
}
