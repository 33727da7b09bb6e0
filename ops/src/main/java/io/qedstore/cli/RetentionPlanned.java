package io.qedstore.cli;

import io.qedstore.api.RetentionBound;
import io.qedstore.api.RetentionForecast;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says what would go. */
@Command(
        name = "plan",
        description = "Says what would go of an image's history now, and why no more; changes nothing.",
        footer = {"", "Example:", "  qedstore image retention plan vm1"})
final class RetentionPlanned extends ApiCommand {
    @Parameters(paramLabel = "IMAGE", description = "The image.")
    String image = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        RetentionForecast plan = node.retentionPlan(image);
        List<String> lines = new ArrayList<>();
        lines.add("the history of '" + plan.image() + "' begins at " + RetentionSaid.beginning(plan.floor()) + ", and "
                + plan.going().map(RetentionPlanned::going).orElse("nothing would go now"));
        for (RetentionBound bound : plan.bounds()) {
            lines.add("  " + bound.kind() + ": " + bound.what() + "; it may begin at "
                    + RetentionSaid.beginning(bound.floor()) + " at the latest");
        }
        plan.held().ifPresent(why -> lines.add("held: " + why));
        say(out, plan, lines);
    }

    private static String going(RetentionForecast.Going going) {
        return "would begin at event " + going.floor() + "; records of the events " + going.firstEvent() + " to "
                + going.lastEvent() + " would be deleted, offsets " + going.fromOffset() + " to "
                + (going.toOffset() - 1) + ", " + Said.size(going.bytes());
    }
}
