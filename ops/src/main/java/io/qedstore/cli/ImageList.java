package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the images that there are. */
@Command(
        name = "list",
        description = "Lists all images in the order of their names, or those in the trash.",
        footer = {"", "Examples:", "  qedstore image list", "  qedstore image list --trash --output=json"})
final class ImageList extends ApiCommand {
    @Option(names = "--trash", description = "Those that are deleted and can be undeleted.")
    boolean trash;

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        List<ImageInfo> images = node.images(trash);
        if (output.isJson()) {
            out.println(Json.print(images.stream().map(ApiCommand::json).toList()));
        } else if (trash) {
            printTrash(out, images);
        } else {
            printLive(out, images);
        }
    }

    private static void printLive(PrintWriter out, List<ImageInfo> images) {
        Table table = new Table("NAME", ">SIZE", "OWNER", "REPLICAS", "CREATED");
        for (ImageInfo image : images) {
            table.row(
                    image.name(),
                    HumanSize.of(image.sizeBytes()),
                    image.owner(),
                    Said.list(image.replicas()),
                    Said.time(image.createdAt()));
        }
        table.print(out, "");
    }

    private static void printTrash(PrintWriter out, List<ImageInfo> images) {
        Table table = new Table("NAME", ">SIZE", "DELETED", "ID");
        for (ImageInfo image : images) {
            table.row(
                    image.name(),
                    HumanSize.of(image.sizeBytes()),
                    image.deletedAt().map(Said::time).orElse("-"),
                    image.id());
        }
        table.print(out, "");
    }
}
