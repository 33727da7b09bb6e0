package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Gives an image another name. */
@Command(
        name = "rename",
        description = "Gives an image another name.",
        footer = {"", "Example:", "  qedstore image rename vm1 web-1"})
final class ImageRename extends ApiCommand {
    @Parameters(index = "0", paramLabel = "OLD", description = "The image.")
    String name = "";

    @Parameters(index = "1", paramLabel = "NEW", description = "Its new name.")
    String newName = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        ImageInfo image = node.rename(name, newName);
        say(out, image, "renamed '" + name + "' to '" + image.name() + "'");
    }
}
