package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ExportForm;
import io.qedstore.cli.api.ExportSince;
import io.qedstore.cli.api.ImageExtents;
import io.qedstore.cli.download.ExportDownload;
import io.qedstore.cli.download.Pause;
import io.qedstore.qed.ImageChain;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings an image's file to this machine. */
@Command(
        name = "export",
        description = {
            "Writes an image as it is now, or as it was at a point, into a QED file on this machine, which qemu opens as it"
                    + " is.",
            "It grows as FILE.qed.part and gets its name once it is verified. After a failure, the same command goes on"
                    + " where it ended, as long as the node keeps what it has handed out.",
            "With --since, FILE.qed has only what has changed since a point, and is an overlay over an export of that point,"
                    + " which has to lie where --backing says, beside it."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore image export vm1 vm1.qed",
            "  qedstore image export --exact --force vm1 vm1.qed",
            "  qedstore image export vm1@snapshot:before-upgrade vm1.qed",
            "  qedstore image export vm1 monday.qed --since=snapshot:sunday --backing=sunday.qed"
        })
final class ImageExport extends ApiCommand {
    @Option(
            names = "--exact",
            description = "The bytes of the node's own file; otherwise the header says that no check is needed.")
    boolean exact;

    @Option(
            names = "--since",
            paramLabel = "POINT",
            description = "Only what a guest sees otherwise than at that point.")
    @Nullable
    String since;

    @Option(
            names = "--backing",
            paramLabel = "NAME",
            description = "With --since: the relative name of the export of that point (default: IMAGE@POINT.qed with"
                    + " - for each colon).")
    @Nullable
    String backing;

    @Option(names = "--force", description = "Replace FILE.qed if it exists.")
    boolean force;

    @Option(names = "-q", description = "Show no progress.")
    boolean quiet;

    @Parameters(
            index = "0",
            paramLabel = "IMAGE[@POINT]",
            description = "The image; POINT is seq:N, time:2026-11-22T12:00:00Z or snapshot:NAME.")
    String name = "";

    @Parameters(index = "1", paramLabel = "FILE.qed", description = "The file to create.")
    Path target = Path.of("");

    @Override
    void ask(ApiClient node, PrintWriter out) throws CommandFailure {
        if (target.getFileName() == null || target.getFileName().toString().isEmpty()) {
            throw wrongUsage("FILE.qed expects the name of a file, found '" + target + "'");
        }
        Optional<ExportSince> overlay = overlay();
        ExportForm form = exact ? ExportForm.EXACT : ExportForm.QEMU;
        PrintWriter err = spec.commandLine().getErr();
        ImageExtents file;
        try (ExportProgress progress = new ExportProgress(quiet, err)) {
            file = new ExportDownload(node, name, form, overlay, progress, Pause.BY_THE_CLOCK).to(target, force);
        } catch (IOException e) {
            throw new CommandFailure(
                    "'" + name + "' could not be exported to '" + target + "': " + ImageChain.reason(e));
        }
        ObjectNode json = Json.object();
        json.put("image", name);
        json.put("file", target.toString());
        json.put("form", form.word());
        overlay.ifPresent(wanted -> {
            json.put("since", wanted.point());
            json.put("backing", wanted.backing());
        });
        json.put("sequence", file.sequence());
        json.put("lengthBytes", file.lengthBytes());
        json.put("sha256", file.sha256());
        say(
                out,
                json,
                "exported '" + name + "' to '" + target + "': sequence " + file.sequence() + ", "
                        + Said.size(file.lengthBytes()) + ", sha256 " + file.sha256()
                        + overlay.map(wanted -> ", over '" + wanted.backing() + "'")
                                .orElse(""));
    }

    private Optional<ExportSince> overlay() {
        if (since == null) {
            if (backing != null) {
                throw wrongUsage("--backing expects --since=POINT with it, found none");
            }
            return Optional.empty();
        }
        if (exact) {
            throw wrongUsage("--exact and --since are both given; expected one of them: an overlay is no node's file");
        }
        String image = name.split("@", 2)[0];
        return Optional.of(
                new ExportSince(since, backing == null ? image + "@" + since.replace(':', '-') + ".qed" : backing));
    }
}
