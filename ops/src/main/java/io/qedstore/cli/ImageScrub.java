package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has the copies of an image read again. */
@Command(
        name = "scrub",
        description =
                "Has copies of an image read from their beginning to their end soon, and compared with what is known of"
                        + " them; what is damaged is restored. `replica list` shows when that was done.",
        footer = {"", "Examples:", "  qedstore image scrub vm1", "  qedstore image scrub vm1 --node=node-2"})
final class ImageScrub extends ApiCommand {
    @Parameters(paramLabel = "IMAGE", description = "The image.")
    String name = "";

    @Option(names = "--node", paramLabel = "NODE", description = "The copy of this node alone.")
    @Nullable
    String of;

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        ImageInfo image = node.image(name);
        List<String> nodes = new ArrayList<>();
        if (of != null) {
            nodes.add(of);
        } else {
            nodes.add(image.owner());
            nodes.addAll(image.replicas());
        }
        for (String each : nodes) {
            node.scrub(image.name(), each);
        }
        say(out, nodes, "'" + image.name() + "' will be read on " + Said.list(nodes));
    }
}
