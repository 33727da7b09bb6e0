package io.qedstore.cli;

import io.qedstore.api.NodeInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one node. */
@Command(
        name = "show",
        description = "Shows a node as it has announced itself.",
        footer = {"", "Example:", "  qedstore node show node-1"})
final class NodeShow extends ApiCommand {
    @Parameters(paramLabel = "NODE", description = "The node's id.")
    String id = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        NodeInfo info = node.node(id);
        if (output.isJson()) {
            out.println(Json.print(json(info)));
            return;
        }
        Fields fields = new Fields(out);
        fields.say("id", info.id());
        fields.say("roles", Said.list(info.roles()));
        fields.say("api", info.api());
        fields.say("nbd", info.nbd());
        fields.say("understands version", info.understands());
        fields.say("runs", info.running().map(runs -> runs ? "yes" : "no").orElse("not known now"));
        fields.say("takes images", info.draining() ? "no, it is being drained" : "yes");
        fields.say("announced", Said.time(info.announcedAt()));
        fields.say("answers this", info.self() ? "yes" : "no");
    }
}
