package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.cli.Program;
import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks of all kinds become images of two nodes; what cannot is refused, and leaves nothing. */
@Tag("once") // on one JDK
class ImageImportIT {
    private static final int FEATURES = 16; // of the header
    private static final int COMPAT_FEATURES = 24;
    private static final int AUTOCLEAR_FEATURES = 32;
    private static final int L1_OFFSET = 40;
    private static final int NEED_CHECK = 2;

    private static Path nodes;
    private static NodePair pair;

    private final Path folder;
    private final ForeignPrograms programs;
    private static int names;

    ImageImportIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.programs = ForeignPrograms.in(folder, "qemu-img", "qemu-io");
    }

    @BeforeAll
    static void start(@TempDir Path shared) throws IOException, InterruptedException {
        nodes = shared;
        pair = NodePair.start(shared);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        pair.stop();
    }

    @Test
    void aQedFileIsTheOwnersAndTheReplicasFileByteForByte() throws Exception {
        for (String options :
                List.of("cluster_size=64k", "cluster_size=4k,table_size=2", "cluster_size=1M,table_size=16")) {
            Path file = qed("disk-" + names + ".qed", options, "64M");
            write(file, "write -P 7 5000k 300k", "write -P 8 63M 1M", "write -z 20M 64k", "write -P 9 512 512");
            patch(file, COMPAT_FEATURES, 0x8000_0000_0000_0001L); // bits that nobody knows, and nobody has to
            Files.write(file, new byte[] {1, 2, 3, 4, 5}, StandardOpenOption.APPEND); // ends within a cluster
            String sha256 = sha256(file);

            JsonNode done = imported(file);
            assertThat(done.get("identical").asBoolean()).isTrue();
            assertThat(done.get("copies")).hasSize(1);
            String id = done.get("id").asText();
            assertThat(sha256(pair.ownerFile(id)))
                    .as("the owner's, of " + options)
                    .isEqualTo(sha256);
            assertThat(sha256(pair.replicaFile(id)))
                    .as("the replica's, of " + options)
                    .isEqualTo(sha256);
            assertThat(sha256(file)).isEqualTo(sha256);

            PairImage image = new PairImage(pair, done.get("image").asText(), id);
            programs.succeed("qemu-img", "compare", "-f", "qed", "-F", "raw", file, image.uri());
            programs.succeed(
                    "qemu-io", "-f", "raw", "-c", "write -P 3 30M 1M", "-c", "read -P 7 5000k 300k", image.uri());
            image.awaitRest();
            image.assertSameFiles();
            assertSound(image.ownerFile());
            Program.Result again = pair.run("image", "import", "-q", file, image.name());
            assertThat(again.exitCode()).as(again.out()).isEqualTo(1);
            assertThat(again.err()).contains("there is an image " + image.name() + " already");
        }
        assertNothingIsLeft();
    }

    @Test
    void aFileThatNeedsACheckIsImportedAsItIsAndItsOwnerThenPutsItInOrder() throws Exception {
        Path file = qed("dirty.qed", "cluster_size=64k", "8M");
        write(file, "write -P 7 1M 300k");
        patch(file, FEATURES, NEED_CHECK);
        patch(file, AUTOCLEAR_FEATURES, 1 << 5);
        String sha256 = sha256(file);
        JsonNode done = imported(file);
        String image = done.get("image").asText();
        Path exported = folder.resolve("exact.qed");
        pair.ours(
                "image",
                "export",
                "-q",
                "--exact",
                image + "@seq:" + done.get("sequence").asText(),
                exported);
        assertThat(sha256(exported)).isEqualTo(sha256);
        PairImage imported = new PairImage(pair, image, done.get("id").asText());
        imported.awaitRest(); // and neither file needs a check
        imported.assertSameFiles();
        assertThat(readLong(imported.ownerFile(), AUTOCLEAR_FEATURES)).isZero();
    }

    @Test
    void anOverlayIsImportedWholeOrNotAtAll() throws Exception {
        Path base = folder.resolve("base.raw");
        programs.succeed("truncate", "-s", "16M", base);
        programs.succeed("qemu-io", "-f", "raw", "-c", "write -P 1 0 1M", base);
        Path overlay = folder.resolve("overlay.qed");
        programs.succeed("qemu-img", "create", "-q", "-f", "qed", "-b", "base.raw", "-F", "raw", overlay);
        write(overlay, "write -P 2 512k 1M");
        assertRefused("it has the backing file 'base.raw'", "--flatten", overlay);

        JsonNode done = imported(overlay, "--flatten");
        assertThat(done.get("identical").asBoolean()).isFalse();
        programs.succeed("qemu-img", "compare", "-f", "qed", "-F", "raw", overlay, uri(done));
        assertSound(pair.ownerFile(done.get("id").asText()));
    }

    @Test
    void aRawDiskIsNeverTakenForSomethingElse() throws Exception {
        Path disk = folder.resolve("disk.img");
        programs.succeed("truncate", "-s", "4M", disk);
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {'Q', 'E', 'D', 0}), 0);
        }
        assertRefused("begins like qed, and is not named so", "--format=raw", disk);
        JsonNode done = imported(disk, "--format=raw");
        programs.succeed("qemu-img", "compare", "-f", "raw", "-F", "raw", disk, uri(done));

        Path odd = Files.write(folder.resolve("odd"), new byte[1000]); // no whole sectors
        JsonNode rounded = imported(odd);
        assertThat(pair.json("image", "show", rounded.get("image").asText())
                        .get("sizeBytes")
                        .asLong())
                .isEqualTo(1024);
        Path named = Files.write(folder.resolve("no.qcow2"), new byte[4096]);
        assertRefused("is named as qcow2, and does not begin like one", "--format=FMT", named);
    }

    @Test
    void otherFormatsComeThroughQemuImg() throws Exception {
        Path base = folder.resolve("base.qcow2");
        programs.succeed("qemu-img", "create", "-q", "-f", "qcow2", base, "16M");
        programs.succeed("qemu-io", "-f", "qcow2", "-c", "write -P 5 3M 1M", base);
        JsonNode done = imported(base);
        assertThat(done.get("format").asText()).isEqualTo("qcow2");
        programs.succeed("qemu-img", "compare", "-f", "qcow2", "-F", "raw", base, uri(done));

        Path overlay = folder.resolve("overlay.qcow2");
        programs.succeed("qemu-img", "create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", overlay);
        assertRefused("has the backing file 'base.qcow2'", "--flatten", overlay);
        programs.succeed(
                "qemu-img", "compare", "-f", "qcow2", "-F", "raw", overlay, uri(imported(overlay, "--flatten")));
        assertRefused("qemu-img info failed", "nosuch", base, "--format=nosuch");
    }

    @Test
    void whatCannotBeHostedIsRefusedAndLeavesNothing() throws Exception {
        Path damaged = qed("damaged.qed", "cluster_size=64k", "8M");
        write(damaged, "write 0 1M");
        patch(damaged, (int) readLong(damaged, L1_OFFSET), 1L << 40);
        assertRefused("it is damaged: 1 entries of its tables are wrong", "qedstore file check -r all", damaged);
        Path large = qed("large.qed", "cluster_size=2M", "8M");
        assertRefused("it has clusters of 2097152 bytes", "qedstore file convert", large);
        Path sound = qed("sound.qed", "cluster_size=64k", "8M");
        assertRefused("there is no node nobody", "", sound, "--owner=nobody");
        assertRefused("there is no node nobody", "", sound, "--replicas=nobody,");
        assertRefused("--replicas expects a number or node ids", "", sound, "--replicas=a,,b");
        PairImage taken = pair.create("1M", List.of());
        Program.Result result = pair.run("image", "import", "-q", sound, taken.name());
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("there is an image " + taken.name() + " already");
        assertRefused("there is no file", "", folder.resolve("none.qed"));
        assertNothingIsLeft();
    }

    // ---- what the tests share

    private Path qed(String name, String options, String size) throws IOException, InterruptedException {
        Path file = folder.resolve(name);
        programs.succeed("qemu-img", "create", "-q", "-f", "qed", "-o", options, file, size);
        return file;
    }

    private void write(Path file, String... commands) throws IOException, InterruptedException {
        List<Object> words = new ArrayList<>(List.of("qemu-io", "-f", "qed"));
        for (String command : commands) {
            words.add("-c");
            words.add(command);
        }
        words.add(file);
        programs.succeed(words.toArray());
    }

    /** The node has the file itself locked. */
    private void assertSound(Path file) throws IOException, InterruptedException {
        Path copy = folder.resolve("copy-of-" + file.getFileName());
        Files.copy(file, copy);
        programs.succeed("qemu-img", "check", "-f", "qed", copy);
    }

    private static JsonNode imported(Path file, String... options) throws IOException {
        List<String> all = new ArrayList<>(pair.placement());
        all.addAll(List.of(options));
        return pair.json(words(file, all.toArray(String[]::new)));
    }

    private static Object[] words(Path file, String... options) {
        names++;
        Object[] words = new Object[options.length + 5];
        words[0] = "image";
        words[1] = "import";
        words[2] = "-q";
        words[3] = file;
        words[4] = "imported-" + ProcessHandle.current().pid() + "-" + names;
        System.arraycopy(options, 0, words, 5, options.length);
        return words;
    }

    private static void assertRefused(String found, String remedy, Path file, String... options) {
        Program.Result result = pair.run(words(file, options));
        assertThat(result.exitCode()).as(result.out()).isIn(1, 2);
        assertThat(result.err()).contains(found, remedy);
    }

    private static void assertNothingIsLeft() throws IOException {
        for (String node : List.of("owner", "replica")) {
            assertThat(nodes.resolve(node).resolve("data/imports")).isEmptyDirectory();
        }
    }

    private static String uri(JsonNode imported) {
        return pair.owner().nbd(imported.get("image").asText());
    }

    private static void patch(Path file, int fileOffset, long value) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(bytes.putLong(value).flip(), fileOffset);
        }
    }

    private static long readLong(Path file, int fileOffset) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(bytes, fileOffset);
            return bytes.getLong(0);
        }
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
