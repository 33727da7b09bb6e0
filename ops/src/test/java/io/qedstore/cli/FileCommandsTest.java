package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file commands without any foreign program: what they print, and how they end. */
class FileCommandsTest {
    private final Path folder;

    FileCommandsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private static String ok(Object... args) {
        Program.Result result = Program.run(args);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.out();
    }

    private static String fails(int exitCode, Object... args) {
        Program.Result result = Program.run(args);
        assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
        assertThat(result.err()).startsWith("qedstore: ").doesNotContain("Exception");
        return result.err();
    }

    @Test
    void createSaysWhatItFormats() throws IOException {
        assertThat(ok("file", "create", "-o", "cluster_size=4k,table_size=2", file("a.qed"), "1M"))
                .isEqualTo("Formatting '" + file("a.qed")
                        + "', fmt=qed size=1048576 cluster_size=4096 table_size=2\n".stripLeading());
        assertThat(Files.size(file("a.qed"))).isEqualTo(3 * 4096);
    }

    @Test
    void createListsTheDraftsFiveOptions() {
        assertThat(ok("file", "create", "-o", "help"))
                .contains("backing_file=", "backing_fmt=", "cluster_size=", "size=", "table_size=");
    }

    @Test
    void aRefusedCreateLeavesTheOldFileAlone() throws IOException {
        Files.writeString(file("a.qed"), "precious");
        fails(1, "file", "create", "-o", "cluster_size=5k", file("a.qed"), "1M");
        fails(1, "file", "create", "-o", "cluster_size=4k,table_size=2", file("a.qed"), "5G");
        fails(1, "file", "create", "-b", "a.qed", "-F", "raw", file("a.qed"));
        assertThat(file("a.qed")).hasContent("precious");
    }

    @Test
    void aTableSizeOfOneIsMadeAndWarnedOf() {
        Program.Result result = Program.run("file", "create", "-o", "table_size=1", file("a.qed"), "1M");
        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).contains("warning").contains("table_size=1");
        assertThat(fails(1, "file", "info", file("a.qed"))).contains("QED table offset is invalid");
    }

    @Test
    void sizesBeyond32BitsAreRefusedAndNotCutOff() {
        assertThat(fails(1, "file", "create", "-o", "cluster_size=4294971392", file("a.qed"), "1M"))
                .contains("QED cluster size must be within range [4096, 67108864] and power of 2");
        assertThat(fails(1, "file", "create", "-o", "table_size=4294967300", file("a.qed"), "1M"))
                .contains("QED table size must be within range [1, 16] and power of 2");
    }

    @Test
    void aBackingNameThatCouldNotBeReadAgainIsRefused() throws IOException {
        ok("file", "create", "-q", file("a.qed"), "1M");
        byte[] before = Files.readAllBytes(file("a.qed"));
        String err = fails(1, "file", "rebase", "-u", "-b", "n".repeat(4096), "-F", "raw", file("a.qed"));
        assertThat(err)
                .contains("No space left in the file header")
                .contains("4096")
                .contains("4095");
        assertThat(Files.readAllBytes(file("a.qed"))).isEqualTo(before);
        ok("file", "rebase", "-u", "-b", "n".repeat(4095), "-F", "raw", file("a.qed"));
        assertThat(ok("file", "info", file("a.qed"))).contains("backing file format: raw");
    }

    @Test
    void infoTellsOfADirtyImage() throws IOException {
        ok("file", "create", "-q", file("a.qed"), "1M");
        byte[] bytes = Files.readAllBytes(file("a.qed"));
        bytes[16] = 2;
        Files.write(file("a.qed"), bytes);
        assertThat(ok("file", "info", file("a.qed"))).contains("cleanly shut down: no");
        assertThat(ok("file", "info", "--output=json", file("a.qed"))).contains("\"dirty-flag\": true");
        assertThat(Files.readAllBytes(file("a.qed"))).isEqualTo(bytes);
    }

    @Test
    void dumpNamesEveryHeaderFieldAndGoesOnAfterDamage() throws IOException {
        ok("file", "create", "-q", "-o", "cluster_size=4k,table_size=2", file("a.qed"), "1M");
        byte[] bytes = Arrays.copyOf(Files.readAllBytes(file("a.qed")), 3 * 4096 + 100);
        bytes[0x1000 + 3] = 0x7f; // an L1 entry that points nowhere
        bytes[17] = (byte) 0x80; // a feature that nobody knows
        Files.write(file("a.qed"), bytes);
        JsonNode fields = new ObjectMapper().readTree(ok("file", "dump", "--output=json", file("a.qed")));
        long next = 0;
        for (int i = 0; i < 11; i++) {
            assertThat(fields.get(i).get("offset").asLong()).isEqualTo(next);
            next += fields.get(i).get("length").asLong();
        }
        assertThat(next).as("the header's fields cover its 64 bytes").isEqualTo(64);
        String text = ok("file", "dump", file("a.qed"));
        assertThat(text).contains("unknown 0x8000").contains("! 0x1000").contains("no table lies there");
        assertThat(text).contains("behind the last whole cluster");
    }

    @Test
    void dumpShowsWhatIsNoQedFileAtAll() throws IOException {
        Files.writeString(file("a.txt"), "hello");
        assertThat(ok("file", "dump", file("a.txt"))).contains("not QED").contains("not walked");
    }

    @Test
    void theDraftLayoutIsOnlyReadWhenAskedFor() {
        ok("file", "create", "-q", "--layout=draft-2010", "-o", "size=1M,cluster_size=4k,table_size=2", file("d.qed"));
        assertThat(ok("file", "info", "--layout=draft-2010", file("d.qed")))
                .contains("virtual size: 1 MiB")
                .contains("header layout: draft-2010");
        ok("file", "check", "--layout=draft-2010", file("d.qed"));
        assertThat(ok("file", "dump", "--layout=draft-2010", file("d.qed"))).contains("backing_fmt_offset");
        assertThat(fails(1, "file", "info", file("d.qed"))).contains("QED table offset is invalid");
        assertThat(fails(1, "file", "create", "--layout=draft-2010", file("e.qed"), "1000"))
                .contains("non-zero multiple of cluster size");
    }

    @Test
    void anImageMovesFromTheDraftToTheFinalLayoutAndBackUnchanged() throws IOException {
        Files.write(file("base.raw"), new byte[1 << 20]);
        ok("file", "create", "-q", "--layout=draft-2010", "-b", "base.raw", "-F", "raw", file("d.qed"));
        ok("file", "convert", "--layout=draft-2010", "-O", "qed", file("d.qed"), file("f.qed"));
        assertThat(ok("file", "info", file("f.qed")))
                .contains("backing file: base.raw")
                .contains("format: raw");
        ok("file", "convert", "--layout=draft-2010", "-O", "qed", file("f.qed"), file("again.qed"));
        assertThat(Files.readAllBytes(file("again.qed"))).isEqualTo(Files.readAllBytes(file("d.qed")));
    }

    @Test
    void whatTheDraftLayoutCannotHoldIsNotConverted() throws IOException {
        ok("file", "create", "-q", file("odd.qed"), "512");
        assertThat(fails(1, "file", "convert", "--layout=draft-2010", "-O", "qed", file("odd.qed"), file("d.qed")))
                .contains("non-zero multiple of 65536");
        ok("file", "create", "-q", file("bits.qed"), "1M");
        byte[] bytes = Files.readAllBytes(file("bits.qed"));
        bytes[24] = 1;
        Files.write(file("bits.qed"), bytes);
        assertThat(fails(1, "file", "convert", "--layout=draft-2010", "-O", "qed", file("bits.qed"), file("d.qed")))
                .contains("compat_features");
    }

    @Test
    void aDamagedHeaderIsNamedWithWhatWasFoundAndExpected() throws IOException {
        ok("file", "create", "-q", file("a.qed"), "1M");
        byte[] bytes = Files.readAllBytes(file("a.qed"));
        bytes[5] = 1;
        Files.write(file("a.qed"), bytes);
        assertThat(fails(1, "file", "check", file("a.qed")))
                .contains("Could not open '" + file("a.qed") + "': QED cluster size is invalid")
                .contains("found 65792")
                .contains("power of two");
    }

    @Test
    void shrinkingIsRefusedWithTheSizes() {
        ok("file", "create", "-q", file("a.qed"), "2M");
        assertThat(fails(1, "file", "resize", file("a.qed"), "1M"))
                .contains("2097152")
                .contains("1048576");
        assertThat(fails(1, "file", "resize", "--shrink", file("a.qed"), "1M"))
                .contains("Shrinking images is currently not supported");
    }

    @Test
    void convertDoesNotDestroyWhatItsSourceStandsOn() throws IOException {
        ok("file", "create", "-q", file("base.qed"), "1M");
        ok("file", "create", "-q", "-b", "base.qed", "-F", "qed", file("top.qed"));
        byte[] before = Files.readAllBytes(file("base.qed"));
        assertThat(fails(1, "file", "convert", "-O", "qed", file("top.qed"), file("base.qed")))
                .contains("Failed to get")
                .contains("base.qed");
        assertThat(Files.readAllBytes(file("base.qed"))).isEqualTo(before);
    }

    @Test
    void aNewImageDoesNotTakeThePlaceOfWhatItsBackingFileStandsOn() throws IOException {
        ok("file", "create", "-q", file("base.qed"), "1M");
        ok("file", "create", "-q", "-b", "base.qed", "-F", "qed", file("top.qed"));
        byte[] before = Files.readAllBytes(file("base.qed"));
        assertThat(fails(1, "file", "create", "-b", "top.qed", "-F", "qed", file("base.qed")))
                .contains("comes back to");
        assertThat(Files.readAllBytes(file("base.qed"))).isEqualTo(before);
    }

    @Test
    void convertLooksAtTheBackingFileBeforeItTouchesItsTarget() throws IOException {
        ok("file", "create", "-q", file("a.qed"), "1M");
        Files.writeString(file("b.qed"), "precious");
        for (String options : new String[] {
            "backing_file=missing,backing_fmt=raw", "backing_file=b.qed,backing_fmt=raw", "backing_file=a.qed",
            "backing_file=a.qed,backing_fmt=bogus", "cluster_size=3", "size=1M"
        }) {
            fails(1, "file", "convert", "-O", "qed", "-o", options, file("a.qed"), file("b.qed"));
        }
        assertThat(fails(1, "file", "convert", "-O", "raw", "-o", "cluster_size=4k", file("a.qed"), file("b.qed")))
                .contains("takes no options");
        assertThat(file("b.qed")).hasContent("precious");
    }

    @Test
    void whatGrowsAfterItsBackingFileIsGoneReadsZeros() throws IOException {
        byte[] ones = new byte[1 << 16];
        Arrays.fill(ones, (byte) 1);
        Files.write(file("base.raw"), ones);
        ok("file", "create", "-q", "-o", "cluster_size=64k", "-b", "base.raw", "-F", "raw", file("a.qed"), "1024");
        assertThat(fails(1, "file", "resize", file("a.qed"), "64k")).contains("Block driver does not support");
        ok("file", "rebase", "-b", "", file("a.qed"));
        ok("file", "resize", "-q", file("a.qed"), "64k");
        ok("file", "convert", "-O", "raw", file("a.qed"), file("a.raw"));
        byte[] disk = Files.readAllBytes(file("a.raw"));
        assertThat(Arrays.copyOf(disk, 1024)).containsOnly(1);
        assertThat(Arrays.copyOfRange(disk, 1024, disk.length)).containsOnly(0);
    }

    @Test
    void aRefusedMoveBetweenLayoutsLeavesNothingBehind() {
        ok("file", "create", "-q", file("odd.qed"), "512");
        fails(1, "file", "convert", "--layout=draft-2010", "-O", "qed", file("odd.qed"), file("d.qed"));
        assertThat(file("d.qed")).doesNotExist();
        ok("file", "create", "-q", file("a.qed"), "1M");
        assertThat(fails(
                        1,
                        "file",
                        "convert",
                        "--layout=draft-2010",
                        "-O",
                        "qed",
                        "-S",
                        "0",
                        file("a.qed"),
                        file("d.qed")))
                .contains("-S");
    }

    @Test
    void compareOfCorruptTablesIsThree() throws IOException {
        ok("file", "create", "-q", "-o", "cluster_size=4k,table_size=2", file("a.qed"), "1M");
        byte[] bytes = Files.readAllBytes(file("a.qed"));
        bytes[0x1000] = 7;
        Files.write(file("a.qed"), bytes);
        assertThat(fails(3, "file", "compare", file("a.qed"), file("a.qed"))).contains("Sector allocation test failed");
    }

    @Test
    void controlCharactersOfAFileDoNotReachTheTerminal() {
        ok("file", "create", "-q", "-u", "-b", "x\u001b[31mred", "-F", "raw", file("a.qed"), "1M");
        for (String command : new String[] {"info", "dump"}) {
            assertThat(ok("file", command, file("a.qed")))
                    .doesNotContain("\u001b")
                    .contains("x\\x1b[31mred");
        }
        assertThat(fails(1, "file", "map", file("a.qed"))).doesNotContain("\u001b");
    }

    @Test
    void whatIsNoRegularFileIsRefused() {
        assertThat(fails(1, "file", "info", folder)).contains("Is a directory");
        assertThat(fails(1, "file", "dump", "/dev/null")).contains("Not a regular file");
    }

    @Test
    void anArgumentIsNeverReadAsAFileOfArguments() throws IOException {
        Files.writeString(file("arguments"), "--help");
        assertThat(fails(1, "file", "info", "@" + file("arguments"))).contains("No such file");
    }

    @Test
    void aMoveBetweenLayoutsDoesNotDestroyWhatItsSourceStandsOn() throws IOException {
        ok("file", "create", "-q", file("base.qed"), "1M");
        ok("file", "create", "-q", "-b", "base.qed", "-F", "qed", file("top.qed"));
        byte[] before = Files.readAllBytes(file("base.qed"));
        assertThat(fails(1, "file", "convert", "--layout=draft-2010", "-O", "qed", file("top.qed"), file("base.qed")))
                .contains("comes back to");
        assertThat(Files.readAllBytes(file("base.qed"))).isEqualTo(before);
    }

    @Test
    void convertDoesNotDestroyItsSource() throws IOException {
        ok("file", "create", "-q", file("a.qed"), "1M");
        byte[] before = Files.readAllBytes(file("a.qed"));
        assertThat(fails(1, "file", "convert", "-O", "qed", file("a.qed"), file("a.qed")))
                .contains("the same file");
        assertThat(Files.readAllBytes(file("a.qed"))).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "file",
                "nonsense",
                "file nonsense",
                "file info",
                "file resize x",
                "file create --layout=x y 1",
                "file info --output=xml x",
                "file rebase x",
                "file create",
                "file info a b"
            })
    void wrongUsageIsExitCodeTwoAndOneSentence(String line) {
        String err = fails(2, (Object[]) (line.isEmpty() ? new String[0] : line.split(" ")));
        assertThat(err.lines()).hasSize(1);
    }

    @Test
    void wrongUsageOfCheckIsOneBecauseTwoMeansCorruption() {
        fails(1, "file", "check");
        fails(1, "file", "check", "-r", "some", "x");
        fails(1, "file", "check", file("missing"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"create", "info", "map", "check", "dump", "resize", "rebase", "commit", "compare", "convert"})
    void helpFitsEightyColumnsAndHasAnExample(String command) {
        String help = ok("file", command, "--help");
        assertThat(help).contains("Example");
        assertThat(help.lines()).allMatch(line -> line.length() <= 80);
    }
}
