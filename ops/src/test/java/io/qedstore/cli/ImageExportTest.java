package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image comes to this machine whole or not at all. */
class ImageExportTest {
    private static final int MIB = 1 << 20;
    private static final byte[] FILE = file(1);

    private final Path folder;
    private final Path target;
    private final NodeDouble node;

    ImageExportTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.target = folder.resolve("vm1.qed");
        this.node = new NodeDouble();
        node.images.put("vm1");
        node.export.file(FILE);
    }

    @AfterEach
    void close() {
        node.close();
    }

    /** 9 MiB of data, 20 MiB of zeros, a block of data, 3 MiB of zeros. */
    private static byte[] file(long seed) {
        byte[] data = new byte[9 * MIB];
        new Random(seed).nextBytes(data);
        byte[] file = Arrays.copyOf(data, 32 * MIB + 4096);
        System.arraycopy(data, 0, file, 29 * MIB, 4096);
        return file;
    }

    private Program.Result export(Object... more) {
        return Program.run(
                Stream.concat(Stream.of("image", "export", "vm1", target, "--api=" + node.url()), Arrays.stream(more))
                        .toArray());
    }

    private Program.Result ok(Object... more) {
        Program.Result result = export(more);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result;
    }

    private String fails(Object... more) {
        Program.Result result = export(more);
        assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
        assertThat(result.err()).contains("qedstore: ").doesNotContain("Exception");
        return result.err();
    }

    private void assertExported(byte[] expected) throws IOException {
        assertThat(Files.readAllBytes(target)).isEqualTo(expected);
        assertThat(files()).containsExactly("vm1.qed");
    }

    private String[] files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toArray(String[]::new);
        }
    }

    @Test
    void theFileIsTheNodesAndItsHolesStayHoles() throws IOException {
        Program.Result result = ok();
        assertThat(result.out())
                .isEqualTo("exported 'vm1' to '" + target + "': sequence 41, 32 MiB (33558528 bytes), sha256 "
                        + ExportDouble.sha256(FILE) + "\n");
        assertThat(result.err()).isEmpty();
        assertExported(FILE);
        try (ChannelImageFile file = ChannelImageFile.open(target, FileAccess.PEEK)) {
            assertThat(file.allocatedBytes()).isLessThan(10 * MIB);
        }
        assertThat(node.export.ranges())
                .containsExactly("bytes=0-8388607", "bytes=8388608-9437183", "bytes=30408704-30412799");
        assertThat(node.requests()).startsWith("GET /v1/images/vm1", "GET /v1/images/vm1/export/extents?form=qemu");
    }

    @Test
    void jsonSaysWhereItCameTo() throws IOException {
        JsonNode json =
                new ObjectMapper().readTree(ok("--exact", "--output=json").out());
        assertThat(json.get("image").asText()).isEqualTo("vm1");
        assertThat(json.get("file").asText()).isEqualTo(target.toString());
        assertThat(json.get("form").asText()).isEqualTo("exact");
        assertThat(json.get("sequence").asLong()).isEqualTo(41);
        assertThat(json.get("lengthBytes").asLong()).isEqualTo(FILE.length);
        assertThat(json.get("sha256").asText()).isEqualTo(ExportDouble.sha256(FILE));
        assertThat(node.requests().stream().skip(1)).allMatch(request -> request.contains("form=exact"));
    }

    @Test
    void aFileOfZerosAloneIsFetchedWithoutARange() throws IOException {
        node.export.file(new byte[MIB]);
        ok();
        assertExported(new byte[MIB]);
        assertThat(node.export.ranges()).isEmpty();
    }

    @Test
    void aFileThatExistsIsOnlyReplacedWhenAskedFor() throws IOException {
        Files.writeString(target, "precious");
        assertThat(fails()).contains("'vm1' could not be exported to '" + target + "'", "the file exists", "--force");
        assertThat(target).hasContent("precious");
        assertThat(node.requests()).isEmpty();
        ok("--force");
        assertExported(FILE);
    }

    @Test
    void aFolderIsNoTarget() throws IOException {
        Files.createDirectory(target);
        assertThat(fails("--force")).contains("it is a folder");
    }

    @Test
    void aFolderThatIsMissingIsSaid() {
        assertThat(Program.run("image", "export", "vm1", target.resolve("x.qed"), "--api=" + node.url())
                        .err())
                .contains("could not be exported", "No such file or directory");
    }

    @Test
    void aFileThatIsNotTheNodesIsNotPutInPlace() throws IOException {
        node.export.lieAboutDigest("0".repeat(64));
        assertThat(fails())
                .contains(
                        "found SHA-256 " + ExportDouble.sha256(FILE), "expected " + "0".repeat(64), "not put in place");
        assertThat(target).doesNotExist();
    }

    @Test
    void afterAFileThatWasNotTheNodesTheSameCommandBeginsAgain() throws IOException {
        node.export.lieAboutDigest("0".repeat(64));
        fails();
        node.export.lieAboutDigest("");
        assertThat(ok().err()).contains("what an earlier run has left is damaged; beginning again");
        assertExported(FILE);
    }

    @Test
    void aConnectionThatBreaksIsMadeAgain() throws IOException {
        node.export.breakConnections(2, 2);
        assertThat(ok().err()).isEmpty();
        assertExported(FILE);
        assertThat(node.export.ranges())
                .containsExactly(
                        "bytes=0-8388607",
                        "bytes=8388608-9437183",
                        "bytes=8388608-9437183",
                        "bytes=8388608-9437183",
                        "bytes=30408704-30412799");
    }

    @Test
    void aFileThatTheNodeDoesNotKeepIsBegunAgain() throws IOException {
        node.export.replaceBefore(3);
        Program.Result result = ok();
        assertThat(result.err())
                .isEqualTo("qedstore: the node does not keep the file of sequence 41 any more; beginning again\n");
        assertThat(result.out()).contains("sequence 42");
        assertExported(FILE);
        assertThat(node.export.ranges()).hasSize(3 + 3);
    }

    @Test
    void aFileOfAnotherDownloadIsLeftAlone() throws IOException {
        Path part = folder.resolve("vm1.qed.part");
        Files.writeString(part, "precious");
        assertThat(fails()).contains("vm1.qed.part' is in the way", "8 bytes", "move it away");
        assertThat(part).hasContent("precious");
        Files.writeString(folder.resolve("vm1.qed.part.json"), "{\"image\":\"other\"}");
        assertThat(fails()).contains("vm1.qed.part.json' does not say what download it belongs to");
        assertThat(part).hasContent("precious");
        assertThat(files()).hasSize(2);
    }

    @Test
    void anImageThatIsNotThereLeavesNothingBehindThatIsInTheWay() throws IOException {
        node.answer("GET /v1/images/vm1/export/extents", 404, "application/problem+json", "{\"detail\":\"no vm1\"}");
        assertThat(fails()).contains("no vm1");
        assertThat(target).doesNotExist();
        assertThat(files()).isEmpty();
    }

    @Test
    void extentsThatMakeNoSenseAreNotFollowed() throws IOException {
        for (String extents : new String[] {
            "[{\"fileOffset\":0,\"lengthBytes\":11}]",
            "[{\"fileOffset\":-4,\"lengthBytes\":4}]",
            "[{\"fileOffset\":0,\"lengthBytes\":0}]",
            "[{\"fileOffset\":4,\"lengthBytes\":4},{\"fileOffset\":6,\"lengthBytes\":1}]",
            "[{\"fileOffset\":4,\"lengthBytes\":9223372036854775807}]"
        }) {
            node.answer(
                    "GET /v1/images/vm1/export/extents",
                    200,
                    "application/json",
                    "{\"tag\":\"t\",\"sequence\":1,\"lengthBytes\":10,\"sha256\":\"" + "0".repeat(64)
                            + "\",\"extents\":" + extents + "}");
            assertThat(fails()).contains("was not understood", "extents are in order within 10 bytes");
        }
        assertThat(target).doesNotExist();
    }

    @Test
    void aNodeThatSendsTheWholeInsteadOfARangeIsNotReadToItsEnd() {
        node.answer("GET /v1/images/vm1/export", 200, "application/octet-stream", "x".repeat(9 * MIB));
        assertThat(fails()).contains("beginning again", "the node did not keep 3 files long enough");
    }

    @Test
    void aNodeThatSendsAnotherRangeIsNotBelieved() {
        node.answer("GET /v1/images/vm1/export", 206, "application/octet-stream", "x");
        assertThat(fails()).contains("asked for 8388608 bytes from 0 on, found 1");
        assertThat(target).doesNotExist();
    }
}
