package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ExportForm;
import io.qedstore.cli.api.ImageExtents;
import io.qedstore.cli.download.ExportDownload;
import io.qedstore.cli.download.Pause;
import io.qedstore.qed.ImageChain;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
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
                    + " where it ended, as long as the node keeps what it has handed out."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore image export vm1 vm1.qed",
            "  qedstore image export --exact --force vm1 vm1.qed",
            "  qedstore image export vm1@snapshot:before-upgrade vm1.qed"
        })
final class ImageExport extends ApiCommand {
    @Option(
            names = "--exact",
            description = "The bytes of the node's own file; otherwise the header says that no check is needed.")
    boolean exact;

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
        ExportForm form = exact ? ExportForm.EXACT : ExportForm.QEMU;
        PrintWriter err = spec.commandLine().getErr();
        ImageExtents file;
        try (ExportProgress progress = new ExportProgress(quiet, err)) {
            file = new ExportDownload(node, name, form, progress, Pause.BY_THE_CLOCK).to(target, force);
        } catch (IOException e) {
            throw new CommandFailure(
                    "'" + name + "' could not be exported to '" + target + "': " + ImageChain.reason(e));
        }
        ObjectNode json = Json.object();
        json.put("image", name);
        json.put("file", target.toString());
        json.put("form", form.word());
        json.put("sequence", file.sequence());
        json.put("lengthBytes", file.lengthBytes());
        json.put("sha256", file.sha256());
        say(
                out,
                json,
                "exported '" + name + "' to '" + target + "': sequence " + file.sequence() + ", "
                        + Said.size(file.lengthBytes()) + ", sha256 " + file.sha256());
    }
}
