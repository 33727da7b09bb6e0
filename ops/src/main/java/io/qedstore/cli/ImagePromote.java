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

/** Makes another node an image's owner. */
@Command(
        name = "promote",
        description = "Makes another node the owner of an image, which clients write to from then on.",
        footer = {
            "",
            "Examples:",
            "  qedstore image promote vm1 --node=node-2",
            "  qedstore image promote vm1 --node=node-2 --force",
            "  qedstore image promote vm1 --node=node-2 --dead=node-1"
        })
final class ImagePromote extends ApiCommand {
    @Option(names = "--node", paramLabel = "NODE", required = true, description = "The new owner.")
    String newOwner = "";

    @Option(
            names = "--force",
            description = "Do not wait for the old owner to let go, for it may be gone; its lease is waited for.")
    boolean force;

    @Option(
            names = "--dead",
            paramLabel = "NODE",
            description =
                    "As --force, and if NODE has the image, its lease is not waited for: you have made sure that it does not run."
                            + " Refused while Kafka hears of NODE, as it does until 6 seconds after its end.")
    @Nullable
    String dead;

    @Parameters(paramLabel = "IMAGE", description = "The image.")
    String name = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        ImageInfo image = node.promote(name, newOwner, force, Optional.ofNullable(dead));
        say(out, image, "the owner of '" + image.name() + "' is " + image.owner());
    }
}
