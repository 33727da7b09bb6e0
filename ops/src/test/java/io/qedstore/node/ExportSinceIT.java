package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.cli.Program;
import io.qedstore.serve.ForeignPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has changed since a point is an overlay over an export of the point, and both are the whole image. */
@Tag("once") // on one JDK
class ExportSinceIT {
    @Test
    void anEarlierExportAndWhatHasChangedSinceAreTheWholeImage(@TempDir Path folder) throws Exception {
        ForeignPrograms programs = ForeignPrograms.in(folder, "qemu-img", "qemu-io");
        try (NodePair pair = NodePair.start(folder)) {
            PairImage image = pair.create("16M", List.of());
            String name = image.name();
            programs.succeed("qemu-io", "-f", "raw", "-c", "write -P 1 0 8M", image.uri());
            image.awaitRest();
            pair.ours("image", "snapshot", "create", name, "before");
            programs.succeed(
                    "qemu-io",
                    "-f",
                    "raw",
                    "-c",
                    "write -P 1 0 1M",
                    "-c",
                    "write -P 2 3M 100k",
                    "-c",
                    "write -z 6M 1M",
                    image.uri());
            image.awaitRest();
            pair.ours("image", "snapshot", "create", name, "between");
            pair.ours("image", "resize", name, "24M");
            programs.succeed("qemu-io", "-f", "raw", "-c", "write -P 3 20M 64k", image.uri());
            image.awaitRest();

            Path first = folder.resolve(name + "@snapshot-before.qed");
            Path second = folder.resolve("between.qed");
            Path third = folder.resolve("now.qed");
            Path whole = folder.resolve("whole.qed");
            pair.ours("image", "export", "-q", name + "@snapshot:before", first);
            JsonNode made =
                    pair.json("image", "export", "-q", name + "@snapshot:between", second, "--since=snapshot:before");
            assertThat(made.get("backing").asText()).isEqualTo(String.valueOf(first.getFileName()));
            pair.ours("image", "export", "-q", name, third, "--since=snapshot:between", "--backing=between.qed");
            pair.ours("image", "export", "-q", name, whole);

            for (Path overlay : List.of(second, third)) {
                programs.succeed("qemu-img", "check", "-f", "qed", overlay);
            }
            programs.succeed("qemu-img", "compare", "-f", "qed", "-F", "qed", third, whole);
            assertThat(Program.run("file", "compare", third, whole).exitCode()).isZero();
            Path then = folder.resolve("then.qed");
            pair.ours("image", "export", "-q", name + "@snapshot:between", then);
            programs.succeed("qemu-img", "compare", "-f", "qed", "-F", "qed", second, then);
            assertThat(Files.size(second)).as("only what has changed").isLessThan(1 << 20);
            assertThat(Files.size(third)).isLessThan(1 << 20);
            assertThat(Files.size(first)).isGreaterThan(8 << 20);

            refused(pair, 1, "behind event", name + "@snapshot:before", "--since=snapshot:between");
            refused(pair, 1, "no snapshot", name, "--since=snapshot:nobody");
            refused(pair, 1, "is no point", name, "--since=yesterday");
            refused(pair, 1, "expected a relative one", name, "--since=seq:1", "--backing=/tmp/x.qed");
            refused(pair, 1, "expected a relative one", name, "--since=seq:1", "--backing=nbd:x");
            refused(pair, 2, "--exact and --since", name, "--since=seq:1", "--exact");
            refused(pair, 2, "--backing expects --since", name, "--backing=x.qed");
            pair.stop();
        }
    }

    private static void refused(NodePair pair, int code, String part, String image, String... options) {
        Object[] words = new Object[options.length + 5];
        words[0] = "image";
        words[1] = "export";
        words[2] = "-q";
        words[3] = image;
        Path target = Path.of(System.getProperty("java.io.tmpdir"), "refused-" + image + ".qed");
        words[4] = target;
        System.arraycopy(options, 0, words, 5, options.length);
        Program.Result result = pair.run(words);
        assertThat(result.err()).contains(part);
        assertThat(result.exitCode()).isEqualTo(code);
        assertThat(target).doesNotExist();
    }
}
