package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.api.CopyInfo;
import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.RefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists copies, of one image or of all. */
@Command(
        name = "list",
        description = "Lists the copies of an image, or of all images, and how far each is.",
        footer = {"", "Examples:", "  qedstore replica list vm1", "  qedstore replica list --output=json"})
final class ReplicaList extends ApiCommand {
    @Parameters(arity = "0..1", paramLabel = "IMAGE", description = "The image (default: all).")
    @Nullable
    String name;

    private record Row(String image, CopyInfo copy) {}

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        List<Row> rows = name == null ? ofAll(node) : of(node, name);
        if (output.isJson()) {
            out.println(Json.print(rows.stream().map(ReplicaList::json).toList()));
            return;
        }
        Table table = CopyTable.withHeadings("IMAGE");
        for (Row row : rows) {
            table.row(CopyTable.cells(row.copy(), row.image()));
        }
        table.print(out, "");
    }

    private static List<Row> ofAll(ApiClient node) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (ImageInfo image : node.images(false)) {
            try {
                rows.addAll(of(node, image.name()));
            } catch (RefusedException e) {
                if (!e.isNotFound()) { // it was deleted meanwhile
                    throw e;
                }
            }
        }
        return rows;
    }

    private static List<Row> of(ApiClient node, String image) throws IOException {
        return node.copies(image).stream().map(copy -> new Row(image, copy)).toList();
    }

    private static ObjectNode json(Row row) {
        ObjectNode json = Json.object();
        json.put("image", row.image());
        return json.setAll(ApiCommand.json(row.copy()));
    }
}
