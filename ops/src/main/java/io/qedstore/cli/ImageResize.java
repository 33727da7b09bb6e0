package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes an image larger. */
@Command(
        name = "resize",
        description = "Makes an image larger. Clients see the new size when they connect again.",
        footer = {"", "Examples:", "  qedstore image resize vm1 40G", "  qedstore image resize vm1 +10G"})
final class ImageResize extends ApiCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The image.")
    String name = "";

    @Parameters(
            index = "1",
            paramLabel = "[+]SIZE",
            description = "The new size, or with + how much is added to the one that the image has now.")
    String size = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException, CommandFailure {
        boolean more = size.startsWith("+");
        long given = WholeNumber.parse("SIZE", more ? size.substring(1) : size);
        ImageInfo image = node.resize(name, more ? plus(node.image(name).sizeBytes(), given) : given);
        say(out, image, "resized '" + image.name() + "' to " + Said.size(image.sizeBytes()));
    }

    private long plus(long now, long more) throws CommandFailure {
        try {
            return Math.addExact(now, more);
        } catch (ArithmeticException e) {
            throw new CommandFailure("'" + name + "' was not resized: it has " + now + " bytes, and " + more
                    + " more are too many for a disk");
        }
    }
}
