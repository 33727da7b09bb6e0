package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Takes a copy of an image from a node. */
@Command(
        name = "remove",
        description = "Takes the copy of an image from a node, which removes its file. The owner's cannot be taken.",
        footer = {"", "Example:", "  qedstore replica remove vm1 node-3"})
final class ReplicaRemove extends ApiCommand {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "The image.")
    String name = "";

    @Parameters(index = "1", paramLabel = "NODE", description = "The node whose copy is not needed any more.")
    String on = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        ImageInfo image = node.removeReplica(name, on);
        String left = image.replicas().isEmpty() ? "nowhere else" : "on " + Said.list(image.replicas());
        say(out, image, "'" + image.name() + "' is on " + image.owner() + ", and " + left);
    }
}
