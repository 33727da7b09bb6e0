package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is imported may be anybody's, and names files of whoever imports it.
 *
 * <p>Turns red when what a disk names is read without having been allowed.
 */
class ImportedChainConformanceIT {
    @TempDir
    private Path folder = Path.of("");

    private Path secret = Path.of("");
    private Path disks = Path.of("");

    @BeforeEach
    void keepSomethingSecret() throws IOException {
        secret = Files.writeString(folder.resolve("secret"), "what nobody is to read".repeat(100));
        disks = Files.createDirectories(folder.resolve("disks/below"))
                .resolve("..")
                .normalize();
    }

    private void qemuImg(Object... words) throws IOException, InterruptedException {
        List<Object> command = new ArrayList<>(List.of("qemu-img"));
        command.addAll(List.of(words));
        Program.Result result = Processes.run(disks, command.toArray());
        assertThat(result.exitCode()).as(result.err()).isZero();
    }

    /** Nobody is asked before the file was looked at. */
    private String refused(Object... words) {
        List<Object> all = new ArrayList<>(List.of("image", "import", "--api=http://127.0.0.1:1"));
        all.addAll(List.of(words));
        all.add("vm1");
        Program.Result result = Program.run(all.toArray());
        assertThat(result.exitCode()).isEqualTo(1);
        return result.err();
    }

    private Path overlay(String format, String backing) throws IOException, InterruptedException {
        Path overlay = disks.resolve("overlay-" + backing.hashCode() + "." + format);
        qemuImg("create", "-q", "-u", "-f", format, "-b", backing, "-F", "raw", overlay, "1M");
        return overlay;
    }

    @Test
    void namesThatLeadElsewhereAreRefusedWhateverTheFormat() throws IOException, InterruptedException {
        Files.createSymbolicLink(disks.resolve("link"), secret);
        for (String format : List.of("qed", "qcow2")) {
            for (List<String> each : List.of(
                    List.of(secret.toString(), "is an absolute path"),
                    List.of("../secret", "is outside of"),
                    List.of("below/../../secret", "is outside of"),
                    List.of("link", "is outside of"),
                    List.of("json:{\"driver\":\"file\",\"filename\":\"" + secret + "\"}", "is a protocol"),
                    List.of("nbd://127.0.0.1:1/x", "is a protocol"),
                    List.of("file:" + secret, "is a protocol"),
                    List.of("none", "cannot be read"))) {
                assertThat(refused("--flatten", overlay(format, each.get(0))))
                        .as(format + " " + each.get(0))
                        .contains(each.get(1));
            }
        }
    }

    @Test
    void aNameFurtherDownTheChainIsLookedAtToo() throws IOException, InterruptedException {
        Path bad = overlay("qed", "../secret");
        Path top = disks.resolve("top.qed");
        qemuImg("create", "-q", "-u", "-f", "qed", "-b", bad.getFileName(), "-F", "qed", top, "1M");
        assertThat(refused("--flatten", top)).contains("is outside of");
    }

    /** What it names is looked for beside the link, and not where that leads. */
    @Test
    void aDiskThatIsALinkIsLookedAtWhereItIsOpened() throws IOException, InterruptedException {
        Path overlay = overlay("qed", "secret");
        Files.writeString(disks.resolve("secret"), "no secret");
        Path link = Files.createSymbolicLink(folder.resolve("link.qed"), overlay);
        Files.delete(secret);
        assertThat(refused("--flatten", link)).contains(folder + "/link.qed' names the file 'secret'");
    }

    @Test
    void partsThatLieElsewhereAreRefusedWithoutFlatteningToo() throws IOException, InterruptedException {
        Path parts = disks.resolve("parts.qcow2");
        qemuImg("create", "-q", "-f", "qcow2", "-o", "data_file=" + folder.resolve("data.raw"), parts, "1M");
        assertThat(refused(parts)).contains("is an absolute path");
        Path flat = disks.resolve("flat.vmdk");
        qemuImg("create", "-q", "-f", "vmdk", "-o", "subformat=monolithicFlat", flat, "1M");
        Files.writeString(flat, Files.readString(flat).replace("flat-flat.vmdk", "../secret"));
        assertThat(refused("--format=vmdk", flat)).contains("../secret");
    }

    /** The next thing that fails is that no node is there. */
    @Test
    void whatLiesBesideOrBelowOrWasAllowedIsTaken() throws IOException, InterruptedException {
        qemuImg("create", "-q", "-f", "raw", disks.resolve("below/base.raw"), "1M");
        assertThat(refused("--flatten", overlay("qed", "below/base.raw"))).contains("no answer from a node");
        assertThat(refused("--flatten", overlay("qcow2", "below/base.raw"))).contains("no answer from a node");
        Path absolute = overlay("qed", folder.resolve("disks/below/base.raw").toString());
        assertThat(refused("--flatten", "--backing-root=" + disks, absolute)).contains("no answer from a node");
        assertThat(refused("--flatten", "--backing-root=" + disks, overlay("qed", secret.toString())))
                .contains("is outside of");
        Path sparse = disks.resolve("sparse.vmdk");
        qemuImg("create", "-q", "-f", "vmdk", sparse, "1M");
        assertThat(refused(sparse)).contains("no answer from a node");
    }
}
