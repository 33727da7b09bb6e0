package io.qedstore.cli;

import io.qedstore.api.SnapshotInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Names the present point of an image, or of several at the same moment. */
@Command(
        name = "create",
        customSynopsis = {
            "qedstore image snapshot create IMAGE [NAME] [--freeze=COMMAND --thaw=COMMAND]",
            "qedstore image snapshot create --group=NAME IMAGE... [--freeze=COMMAND --thaw=COMMAND]"
        },
        description = {
            "Gives the point at which an image is now a name.",
            "With --group, several images get one snapshot of one name each, all at the same moment, as a power failure"
                    + " would find them: writes wait until all points are taken, in less than a second as a rule. All"
                    + " are named, or none.",
            "A command given with --freeze is run before, so that the guests' file systems are quiet, and that given with"
                    + " --thaw behind it, whatever happens. Both are run by /bin/sh on this machine, with the images in"
                    + " QEDSTORE_IMAGES."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore image snapshot create vm1 before-upgrade",
            "  qedstore image snapshot create --group=nightly db-data db-log",
            "  qedstore image snapshot create vm1 quiet --freeze='virsh domfsfreeze vm1' --thaw='virsh domfsthaw vm1'"
        })
final class SnapshotCreate extends ApiCommand {
    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "The image, and what the snapshot is called (default: a name made of the time); with --group,"
                    + " images alone.")
    List<String> arguments = new ArrayList<>();

    @Option(names = "--group", paramLabel = "NAME", description = "What the snapshots of all images are called.")
    @Nullable
    String group;

    @Option(names = "--freeze", paramLabel = "COMMAND", description = "Run before; if it fails, nothing is named.")
    @Nullable
    String freeze;

    @Option(names = "--thaw", paramLabel = "COMMAND", description = "Run behind it, also if anything has failed.")
    @Nullable
    String thaw;

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException, CommandFailure {
        if (group == null && arguments.size() > 2) {
            throw wrongUsage(
                    "one image and one name are expected, found " + arguments + "; several images take --group=NAME");
        }
        if ((freeze == null) != (thaw == null)) {
            throw wrongUsage("--freeze and --thaw go together: a guest that is frozen has to be thawed");
        }
        List<String> images = group == null ? arguments.subList(0, 1) : arguments;
        if (freeze == null || thaw == null) {
            take(node, images, out);
            return;
        }
        try (FrozenGuests frozen =
                FrozenGuests.freeze(freeze, thaw, images, spec.commandLine().getErr())) {
            take(node, images, out);
            frozen.thaw();
        }
    }

    private void take(ApiClient node, List<String> images, PrintWriter out) throws IOException {
        if (group == null) {
            Optional<String> name = arguments.size() == 2 ? Optional.of(arguments.get(1)) : Optional.empty();
            SnapshotInfo made = node.createSnapshot(images.get(0), name);
            say(out, made, sentence(made));
        } else {
            List<SnapshotInfo> made = node.createSnapshots(images, Optional.of(group));
            say(out, made, made.stream().map(SnapshotCreate::sentence).toList());
        }
    }

    private static String sentence(SnapshotInfo made) {
        return "created snapshot '" + made.name() + "' of '" + made.image() + "' at sequence " + made.sequence();
    }
}
