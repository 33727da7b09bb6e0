package io.qedstore.cli;

import io.qedstore.api.SnapshotInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Names the present point of an image. */
@Command(
        name = "create",
        description = "Gives the point at which an image is now a name.",
        footer = {"", "Example:", "  qedstore image snapshot create vm1 before-upgrade"})
final class SnapshotCreate extends ApiCommand {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "The image.")
    String image = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "NAME",
            description = "What the snapshot is called (default: a name made of the time).")
    @Nullable
    String name;

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        SnapshotInfo made = node.createSnapshot(image, Optional.ofNullable(name));
        say(
                out,
                made,
                "created snapshot '" + made.name() + "' of '" + made.image() + "' at sequence " + made.sequence());
    }
}
