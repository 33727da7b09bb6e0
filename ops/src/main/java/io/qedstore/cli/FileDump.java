package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.inspect.RawField;
import io.qedstore.qed.inspect.RawWalk;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the raw bytes of an image's header and tables, whatever state they are in. */
@Command(
        name = "dump",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the bytes of the header and of all tables: file offset, length, field, value, meaning.",
            "What breaks the format is marked with '!'. A damaged file is shown as far as anything can be told."
        },
        footer = {"", "Example:", "  qedstore file dump damaged.qed"})
final class FileDump implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    OutputOption output = new OutputOption();

    @Mixin
    LayoutOption layout = new LayoutOption();

    @Parameters(paramLabel = "FILE", description = "The image.")
    Path file = Path.of("");

    @Override
    public Integer call() throws CommandFailure {
        PrintWriter out = spec.commandLine().getOut();
        try (ChannelImageFile opened = ChannelImageFile.open(file, FileAccess.PEEK)) {
            if (output.isJson()) {
                String[] separator = {"["};
                RawWalk.walk(opened, layout.layout(), field -> {
                    out.print(separator[0] + Json.print(json(field)));
                    separator[0] = ", ";
                });
                out.println("]");
            } else {
                out.println("  Offset          Length      Field                    Value               Meaning");
                RawWalk.walk(opened, layout.layout(), field -> out.println(text(field)));
            }
        } catch (IOException e) {
            throw Disks.notOpened(Main.FAILED, file, e);
        }
        return 0;
    }

    private static String text(RawField field) {
        return String.format(
                        Locale.ROOT,
                        "%s 0x%-13x %-11d %-24s %-19s %s",
                        field.valid() ? " " : "!",
                        field.fileOffset(),
                        field.lengthBytes(),
                        field.field(),
                        Printable.of(field.value()),
                        Printable.of(field.meaning()))
                .stripTrailing();
    }

    private static ObjectNode json(RawField field) {
        ObjectNode json = Json.object();
        json.put("offset", field.fileOffset());
        json.put("length", field.lengthBytes());
        json.put("field", field.field());
        json.put("value", field.value());
        json.put("meaning", field.meaning());
        json.put("valid", field.valid());
        return json;
    }
}
