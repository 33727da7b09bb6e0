package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes an image out of the trash. */
@Command(
        name = "undelete",
        description = "Takes an image out of the trash; of several that had the name, the one that was deleted last.",
        footer = {"", "Examples:", "  qedstore image undelete vm1", "  qedstore image undelete vm1 --as=vm1-old"})
final class ImageUndelete extends ApiCommand {
    @Option(names = "--as", paramLabel = "NEW", description = "Under another name, for the old one is taken.")
    @Nullable
    String newName;

    @Parameters(paramLabel = "NAME", description = "The image, by its name or id.")
    String name = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        ImageInfo image = node.undelete(name, Optional.ofNullable(newName));
        say(out, image, "undeleted '" + image.name() + "': " + Said.size(image.sizeBytes()));
    }
}
