package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.qed.BackingReference;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.QedHeader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what a file is. The backing file need not exist. */
@Command(
        name = "info",
        mixinStandardHelpOptions = true,
        description = "Tells an image's format, sizes and backing file.",
        footer = {"", "Example:", "  qedstore file info --output=json disk.qed"})
final class FileInfo implements Callable<Integer> {
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

    @Mixin
    LayoutOption layout = new LayoutOption();

    @Parameters(paramLabel = "FILE", description = "The image.")
    Path file = Path.of("");

    @Override
    public Integer call() throws CommandFailure {
        PrintWriter out = spec.commandLine().getOut();
        ImageFormat asked = Disks.format(format);
        try (ChannelImageFile opened = ChannelImageFile.open(file, FileAccess.PEEK)) {
            if (ImageChain.resolveFormat(opened, file, asked) == ImageFormat.RAW) {
                printRaw(out, opened);
            } else {
                HeaderReader start = HeaderReader.read(opened, layout.layout());
                if (output.isJson()) {
                    out.println(Json.print(json(opened, start)));
                } else {
                    printText(out, opened, start);
                }
            }
        } catch (IOException e) {
            throw Disks.notOpened(Main.FAILED, file, e);
        }
        return 0;
    }

    private void printRaw(PrintWriter out, ChannelImageFile opened) {
        long size = new RawImage(file.toString(), opened).sizeBytes();
        if (output.isJson()) {
            ObjectNode json = Json.object();
            json.put("virtual-size", size);
            json.put("filename", file.toString());
            json.put("format", "raw");
            json.put("actual-size", opened.allocatedBytes());
            json.put("dirty-flag", false);
            out.println(Json.print(json));
        } else {
            printSizes(out, "raw", size, opened.allocatedBytes());
        }
    }

    private void printSizes(PrintWriter out, String formatName, long size, long allocated) {
        out.println("image: " + file);
        out.println("file format: " + formatName);
        out.println("virtual size: " + HumanSize.of(size) + " (" + size + " bytes)");
        out.println("disk size: " + HumanSize.of(allocated));
    }

    private void printText(PrintWriter out, ChannelImageFile opened, HeaderReader start) throws IOException {
        QedHeader header = start.header();
        printSizes(out, "qed", header.imageSize(), opened.allocatedBytes());
        if (header.needsCheck()) {
            out.println("cleanly shut down: no");
        }
        out.println("cluster_size: " + header.clusterSize());
        BackingReference backing = start.backing();
        if (backing.exists()) {
            String full = fullName(backing);
            String actual = full.equals(backing.name()) ? "" : " (actual path: " + full + ")";
            out.println("backing file: " + Printable.of(backing.name() + actual));
            if (backing.format() == ImageFormat.RAW) {
                out.println("backing file format: raw");
            }
        }
        if (layout.layout() == HeaderLayout.DRAFT_2010) {
            out.println("header layout: " + LayoutOption.DRAFT);
        }
    }

    private ObjectNode json(ChannelImageFile opened, HeaderReader start) throws IOException {
        QedHeader header = start.header();
        BackingReference backing = start.backing();
        ObjectNode json = Json.object();
        if (backing.exists() && backing.format() == ImageFormat.RAW) {
            json.put("backing-filename-format", "raw");
        }
        json.put("virtual-size", header.imageSize());
        json.put("filename", file.toString());
        json.put("cluster-size", header.clusterSize());
        json.put("format", "qed");
        json.put("actual-size", opened.allocatedBytes());
        if (backing.exists()) {
            json.put("full-backing-filename", fullName(backing));
            json.put("backing-filename", backing.name());
        }
        json.put("dirty-flag", header.needsCheck());
        if (layout.layout() == HeaderLayout.DRAFT_2010) {
            json.put("header-layout", LayoutOption.DRAFT);
        }
        return json;
    }

    private String fullName(BackingReference backing) {
        try {
            return ImageChain.resolve(file, backing.name()).toString();
        } catch (IOException e) {
            return backing.name(); // a protocol or no name at all: shown as it stands
        }
    }
}
