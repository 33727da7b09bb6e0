package io.qedstore.cli;

import io.qedstore.qed.ChainExtents;
import io.qedstore.qed.ChainExtents.ChainExtent;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells where each guest byte comes from. */
@Command(
        name = "map",
        mixinStandardHelpOptions = true,
        description = "Tells for each part of the disk which file of the chain holds it, and where.",
        footer = {"", "Example:", "  qedstore file map --output=json overlay.qed"})
final class FileMap implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(
            names = "-f",
            paramLabel = "FMT",
            description = "Format of the image: raw or qed; looked up in the file if missing.")
    @Nullable
    String format;

    @Mixin
    OutputOption output = new OutputOption();

    @Parameters(paramLabel = "FILE", description = "The image.")
    Path file = Path.of("");

    @Override
    public Integer call() throws CommandFailure, IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (GuestImage image = Disks.openReadOnly(file, Disks.format(format), HeaderLayout.FINAL)) {
            if (output.isJson()) {
                printJson(out, image);
            } else {
                printText(out, image);
            }
        } catch (IOException e) {
            throw new CommandFailure("Could not read file metadata: " + ImageChain.reason(e));
        }
        return 0;
    }

    private static void printText(PrintWriter out, GuestImage image) throws IOException {
        out.println("Offset          Length          Mapped to       File");
        ChainExtents.forEach(image, extent -> {
            if (extent.kind() == GuestImage.Kind.DATA) {
                out.println(column(extent.guestOffset())
                        + column(extent.lengthBytes())
                        + column(extent.fileOffset().orElseThrow())
                        + Printable.of(extent.layer().name()));
            }
        });
    }

    private static String column(long value) {
        return String.format(Locale.ROOT, "%-16s", value == 0 ? "0" : "0x" + Long.toHexString(value));
    }

    private static void printJson(PrintWriter out, GuestImage image) throws IOException {
        String[] separator = {"["};
        ChainExtents.forEach(image, extent -> {
            out.print(separator[0]);
            out.print(json(extent));
            separator[0] = ",\n";
        });
        out.println(separator[0].equals("[") ? "[]" : "]");
    }

    private static String json(ChainExtent extent) {
        boolean data = extent.kind() == GuestImage.Kind.DATA;
        boolean present = extent.kind() != GuestImage.Kind.UNALLOCATED;
        String offset = extent.fileOffset().isPresent()
                ? ", \"offset\": " + extent.fileOffset().getAsLong()
                : "";
        return "{ \"start\": " + extent.guestOffset() + ", \"length\": " + extent.lengthBytes() + ", \"depth\": "
                + extent.depth() + ", \"present\": " + present + ", \"zero\": " + !data + ", \"data\": " + data + offset
                + "}";
    }
}
