package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.api.BackingInfo;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ExportForm;
import io.qedstore.cli.api.ExportSince;
import io.qedstore.cli.api.ImageExtents;
import io.qedstore.qed.ImageChain;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings an image's file to this machine. */
@Command(
        name = "export",
        description = {
            "Writes an image as it is now, or as it was at a point, into a QED file on this machine, which qemu opens as it"
                    + " is. What a clone lies over is written beside it, under the names that its header says.",
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
            "  qedstore image export vm1 monday.qed --since=snapshot:sunday --backing=sunday.qed",
            "  qedstore image export --flatten clone1 clone1.qed"
        })
final class ImageExport extends ApiCommand {
    @ArgGroup
    Form form = new Form();

    /** At most one of them. */
    static final class Form {
        @Option(
                names = "--exact",
                description =
                        "The bytes of the node's own file, and no other file; otherwise the header says that no check"
                                + " is needed.")
        boolean exact;

        @Option(names = "--flatten", description = "One file that needs no other, also of a clone.")
        boolean flatten;
    }

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
        PrintWriter err = spec.commandLine().getErr();
        ImageExtents file;
        ExportedChain chain;
        try (TransferProgress progress = new TransferProgress(quiet, err)) {
            ExportedChain.requireFree(target, force);
            chain = ExportedChain.of(node, name, progress);
            if (overlay.isPresent()) {
                file = chain.since(overlay.get(), target, force);
            } else if (form.exact) {
                file = chain.exact(target, force);
            } else {
                file = form.flatten ? chain.flat(target, force) : chain.chain(target, force);
            }
        } catch (IOException e) {
            throw new CommandFailure(
                    "'" + name + "' could not be exported to '" + target + "': " + ImageChain.reason(e));
        }
        if (form.flatten && !chain.bases().isEmpty()) {
            sayFlat(out, file);
        } else {
            say(out, file, overlay, overlay.isPresent() ? List.of() : chain.bases());
        }
    }

    /** Nobody but this machine has that file: the length and the digest that the node has told are the clone's. */
    private void sayFlat(PrintWriter out, ImageExtents from) {
        ObjectNode json = Json.object();
        json.put("image", name);
        json.put("file", target.toString());
        json.put("form", "flat");
        json.put("sequence", from.sequence());
        say(out, json, "exported '" + name + "' to '" + target + "': sequence " + from.sequence() + ", one file");
    }

    private void say(PrintWriter out, ImageExtents file, Optional<ExportSince> overlay, List<BackingInfo> bases) {
        ExportForm said = form.exact ? ExportForm.EXACT : ExportForm.QEMU;
        ObjectNode json = Json.object();
        json.put("image", name);
        json.put("file", target.toString());
        json.put("form", said.word());
        overlay.ifPresent(wanted -> {
            json.put("since", wanted.point());
            json.put("backing", wanted.backing());
        });
        json.put("sequence", file.sequence());
        json.put("lengthBytes", file.lengthBytes());
        json.put("sha256", file.sha256());
        if (!bases.isEmpty()) {
            ArrayNode behind = json.putArray("bases");
            bases.forEach(base -> behind.add(base.file()));
        }
        say(
                out,
                json,
                "exported '" + name + "' to '" + target + "': sequence " + file.sequence() + ", "
                        + Said.size(file.lengthBytes()) + ", sha256 " + file.sha256()
                        + overlay.map(wanted -> ", over '" + wanted.backing() + "'")
                                .orElseGet(() -> over(bases)));
    }

    private Optional<ExportSince> overlay() {
        if (since == null) {
            if (backing != null) {
                throw wrongUsage("--backing expects --since=POINT with it, found none");
            }
            return Optional.empty();
        }
        if (form.exact || form.flatten) {
            throw wrongUsage(
                    (form.exact ? "--exact" : "--flatten")
                            + " and --since are both given; expected one of them: an overlay is no node's file, and needs another");
        }
        String image = name.split("@", 2)[0];
        return Optional.of(
                new ExportSince(since, backing == null ? image + "@" + since.replace(':', '-') + ".qed" : backing));
    }

    private String over(List<BackingInfo> bases) {
        if (bases.isEmpty()) {
            return "";
        }
        String names = bases.stream().map(BackingInfo::file).collect(Collectors.joining(", "));
        BackingInfo next = bases.get(0);
        return form.exact
                ? "; it needs " + names + " beside it: `qedstore image export --exact " + next.image() + "@seq:"
                        + next.sequence() + " " + next.file() + "` writes the next"
                : "; it lies over " + names + ", beside it";
    }
}
