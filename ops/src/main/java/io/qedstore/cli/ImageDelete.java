package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Puts an image into the trash. */
@Command(
        name = "delete",
        description = "Puts an image into the trash, where `image undelete` finds it for a while.",
        footer = {"", "Example:", "  qedstore image delete vm1"})
final class ImageDelete extends ApiCommand {
    @Parameters(paramLabel = "NAME", description = "The image.")
    String name = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        ImageInfo image = node.delete(name);
        say(out, image, "deleted '" + name + "'; `qedstore image undelete " + name + "` brings it back");
    }
}
