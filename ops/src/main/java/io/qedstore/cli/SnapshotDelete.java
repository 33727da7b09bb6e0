package io.qedstore.cli;

import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Takes a point of an image its name. */
@Command(
        name = "delete",
        description = "Deletes a snapshot; the image stays as it is.",
        footer = {"", "Example:", "  qedstore image snapshot delete vm1 before-upgrade"})
final class SnapshotDelete extends ApiCommand {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "The image.")
    String image = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The snapshot.")
    String name = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        node.deleteSnapshot(image, name);
        say(out, Map.of("image", image, "name", name), "deleted snapshot '" + name + "' of '" + image + "'");
    }
}
