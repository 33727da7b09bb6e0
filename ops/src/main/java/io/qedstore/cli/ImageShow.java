package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.api.CopyInfo;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.SettingsInfo;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ApiJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows all there is to know of one image. */
@Command(
        name = "show",
        description = "Shows an image, its settings, and how its copies on all nodes are.",
        footer = {"", "Example:", "  qedstore image show vm1"})
final class ImageShow extends ApiCommand {
    @Parameters(paramLabel = "NAME", description = "The image.")
    String name = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        ImageInfo image = node.image(name);
        List<CopyInfo> copies = node.copies(name);
        if (output.isJson()) {
            ObjectNode json = json(image);
            json.set("copies", ApiJson.mapper().valueToTree(copies));
            out.println(Json.print(json));
            return;
        }
        Fields fields = new Fields(out);
        fields.say("name", image.name());
        fields.say("id", image.id());
        fields.say("lineage", image.lineage());
        fields.say("life", image.life());
        fields.say("size", Said.size(image.sizeBytes()));
        fields.say("cluster size", Said.size(image.clusterBytes()));
        fields.say("table size", image.tableClusters() + " clusters");
        image.backing().ifPresent(base -> fields.say("clone of", base.image() + " at sequence " + base.sequence()));
        fields.say("owner", image.owner());
        fields.say("replicas", Said.list(image.replicas()));
        sayServed(fields, image.settings());
        fields.say("created", Said.time(image.createdAt()));
        image.deletedAt().ifPresent(at -> fields.say("deleted", Said.time(at)));
        image.rewind()
                .ifPresent(rewind -> fields.say(
                        "rewind",
                        "from sequence " + rewind.fromSequence() + " to " + rewind.sequence() + " is under way"
                                + rewind.waitsFor()
                                        .map(why -> ", and waits: " + why)
                                        .orElse("")));
        out.println("copies:");
        printCopies(out, copies);
    }

    private static void sayServed(Fields fields, SettingsInfo settings) {
        fields.say("cache", settings.cache());
        fields.say("attach", settings.attach());
        fields.say("failover", settings.failover());
        OptionalLong iops = settings.limitIops();
        OptionalLong bps = settings.limitBps();
        fields.say("limit of requests", iops.isPresent() ? iops.getAsLong() + " in a second" : "none");
        fields.say("limit of bytes", bps.isPresent() ? Said.size(bps.getAsLong()) + " in a second" : "none");
    }

    private static void printCopies(PrintWriter out, List<CopyInfo> copies) {
        Table table = CopyTable.withHeadings();
        for (CopyInfo copy : copies) {
            table.row(CopyTable.cells(copy));
        }
        table.print(out, "  ");
        for (CopyInfo copy : copies) {
            copy.detail().ifPresent(detail -> out.println(Printable.of("  " + copy.node() + ": " + detail)));
            if (!copy.clients().isEmpty()) {
                out.println(Printable.of("  " + copy.node() + ": attached are " + Said.list(copy.clients())));
            }
        }
    }
}
