package io.qedstore.cli;

import io.qedstore.api.ClusterInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** Shows what a node sees of the cluster. */
@Command(
        name = "status",
        description =
                "Shows what the node that is asked sees of the cluster, and what is wrong with the log's settings.",
        footer = {"", "Example:", "  qedstore cluster status"})
final class ClusterStatus extends ApiCommand {
    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        ClusterInfo cluster = node.cluster();
        if (output.isJson()) {
            out.println(Json.print(json(cluster)));
            return;
        }
        Fields fields = new Fields(out);
        fields.say("nodes", cluster.nodes());
        fields.say("images", cluster.images());
        fields.say("catalog read up to offset", cluster.catalogOffset());
        fields.say(
                "findings",
                cluster.findings().isEmpty() ? "none" : cluster.findings().size());
        for (String finding : cluster.findings()) {
            out.println(Printable.of("  " + finding));
        }
    }
}
