package io.qedstore.cli;

import io.qedstore.api.RetentionInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows how much of an image's history is kept. */
@Command(
        name = "show",
        description = "Shows how much of an image's history is kept, and where it begins.",
        footer = {"", "Example:", "  qedstore image retention show vm1"})
final class RetentionShow extends ApiCommand {
    @Parameters(paramLabel = "IMAGE", description = "The image.")
    String image = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        RetentionInfo kept = node.retention(image);
        List<String> lines = new ArrayList<>(List.of(RetentionSaid.limits(kept)));
        kept.held().ifPresent(why -> lines.add("held: " + why));
        say(out, kept, lines);
    }
}
