package io.qedstore.cli;

import io.qedstore.api.SnapshotInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the points of an image that have names. */
@Command(
        name = "list",
        description = "Lists an image's snapshots in the order of their names.",
        footer = {"", "Example:", "  qedstore image snapshot list vm1"})
final class SnapshotList extends ApiCommand {
    @Parameters(paramLabel = "IMAGE", description = "The image.")
    String image = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        List<SnapshotInfo> snapshots = node.snapshots(image);
        if (output.isJson()) {
            out.println(Json.print(snapshots.stream().map(ApiCommand::json).toList()));
            return;
        }
        Table table = new Table("NAME", ">SEQUENCE", "POINT", "CREATED");
        for (SnapshotInfo snapshot : snapshots) {
            table.row(
                    snapshot.name(),
                    snapshot.sequence(),
                    Said.time(snapshot.pointAt()),
                    Said.time(snapshot.createdAt()));
        }
        table.print(out, "");
    }
}
