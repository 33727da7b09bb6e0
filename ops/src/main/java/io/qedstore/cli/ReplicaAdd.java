package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Places a copy of an image on a node. */
@Command(
        name = "add",
        description =
                "Places a copy of an image on a node. It is made while the image is in use; `replica list` shows how far"
                        + " it has come.",
        footer = {"", "Example:", "  qedstore replica add vm1 node-3"})
final class ReplicaAdd extends ApiCommand {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "The image.")
    String name = "";

    @Parameters(index = "1", paramLabel = "NODE", description = "The node that is to have a copy.")
    String on = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        ImageInfo image = node.addReplica(name, on);
        say(out, image, "'" + image.name() + "' has copies on " + image.owner() + ", " + Said.list(image.replicas()));
    }
}
