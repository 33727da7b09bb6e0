package io.qedstore.cli;

import io.qedstore.api.NodeInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists the nodes that have announced themselves. */
@Command(
        name = "list",
        description = "Lists the nodes in the order of their ids.",
        footer = {"", "Example:", "  qedstore node list"})
final class NodeList extends ApiCommand {
    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        List<NodeInfo> nodes = node.nodes();
        if (output.isJson()) {
            out.println(Json.print(nodes.stream().map(ApiCommand::json).toList()));
            return;
        }
        Table table = new Table("NODE", "ROLES", "API", "NBD", "ANNOUNCED", "RUNS", "DRAINING", "ANSWERS");
        for (NodeInfo info : nodes) {
            table.row(
                    info.id(),
                    Said.list(info.roles()),
                    info.api(),
                    info.nbd(),
                    Said.time(info.announcedAt()),
                    info.running().map(runs -> runs ? "yes" : "no").orElse(""),
                    info.draining() ? "yes" : "",
                    info.self() ? "this one" : "");
        }
        table.print(out, "");
    }
}
