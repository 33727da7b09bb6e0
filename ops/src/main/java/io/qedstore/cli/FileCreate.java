package io.qedstore.cli;

import io.qedstore.qed.ImageChain;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Creates an image. Everything is checked before the target is touched. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = "Creates an empty QED image, or an overlay over a backing file.",
        footer = {
            "",
            "Examples:",
            "  qedstore file create disk.qed 20G",
            "  qedstore file create -b base.raw -F raw overlay.qed",
            "  qedstore file create -o cluster_size=4k,table_size=16 disk.qed 1T"
        })
final class FileCreate implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "-q", description = "Say nothing.")
    boolean quiet;

    @Option(names = "-f", paramLabel = "FMT", description = "Format of the image: qed.")
    String format = "qed";

    @Option(
            names = "-o",
            paramLabel = "OPTIONS",
            description = "size=, backing_file=, backing_fmt=, cluster_size=, table_size=; help lists them.")
    List<String> optionLists = new ArrayList<>();

    @Option(names = "-b", paramLabel = "BACKING", description = "Backing file, relative to FILE's folder.")
    @Nullable
    String backing;

    @Option(names = "-F", paramLabel = "FMT", description = "Format of the backing file: raw or qed.")
    @Nullable
    String backingFormat;

    @Option(names = "-u", description = "Do not open the backing file.")
    boolean unchecked;

    @Mixin
    LayoutOption layout = new LayoutOption();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FILE",
            description = "The file to create; what it held is lost.")
    @Nullable
    Path file;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "SIZE",
            description = "Bytes of the disk; k, M, G, T, P and E multiply.")
    @Nullable
    String size;

    @Override
    public Integer call() throws IOException, CommandFailure {
        PrintWriter out = spec.commandLine().getOut();
        if (CreateOptions.askForHelp(optionLists)) {
            out.print(CreateOptions.HELP);
            return 0;
        }
        Path target = file;
        if (target == null) {
            throw new CommandFailure(Main.WRONG_USAGE, "Expecting image file name");
        }
        if (!format.equals("qed")) {
            throw new CommandFailure("Unknown file format '" + format + "' (only qed images can be created)");
        }
        try {
            create(target, CreateOptions.parse(optionLists), out);
        } catch (QedFormatException e) {
            throw new CommandFailure(target + ": " + e.getMessage());
        } catch (CommandFailure e) {
            throw e.on(target);
        }
        return 0;
    }

    private void create(Path target, CreateOptions options, PrintWriter out) throws IOException, CommandFailure {
        Optional<String> sizeText = sizeText(options);
        Optional<Long> asked =
                sizeText.isPresent() ? Optional.of(SizeArgument.imageSize(sizeText.get())) : Optional.empty();
        String backingName = Optional.ofNullable(backing)
                .or(() -> options.get("backing_file"))
                .orElse("");
        boolean backed = backing != null || options.get("backing_file").isPresent();
        String backingFmt = Optional.ofNullable(backingFormat)
                .or(() -> options.get("backing_fmt"))
                .orElse("");
        Optional<Long> inherited =
                backed ? BackingArgument.check(target, backingName, backingFmt, unchecked) : Optional.empty();
        long bytes = asked.or(() -> inherited)
                .orElseThrow(() -> new CommandFailure("Image creation needs a size parameter"));
        if (!quiet) {
            out.println(formatting(target, options, bytes, backingName, backingFmt));
            out.flush();
        }
        ImageGeometry geometry = options.geometry();
        NewImage image = new NewImage(geometry, ceilToSector(bytes), backingName, backingFmt);
        image.changes(layout.layout());
        try (ChannelImageFile created = ChannelImageFile.createOrOpen(target)) {
            image.createIn(created, layout.layout());
        } catch (FileSystemException e) {
            throw new CommandFailure("Could not create '" + target + "': " + ImageChain.reason(e));
        }
        if (geometry.tableSize() == 1) {
            spec.commandLine()
                    .getErr()
                    .println("qedstore: warning: " + target
                            + " has table_size=1, and no program can open such an image, qemu neither");
        }
    }

    private Optional<String> sizeText(CreateOptions options) throws CommandFailure {
        Optional<String> option = options.get("size");
        if (option.isPresent() && size != null) {
            throw new CommandFailure("The image size must be specified only once");
        }
        return option.or(() -> Optional.ofNullable(size));
    }

    private static long ceilToSector(long bytes) {
        long sector = ImageGeometry.SECTOR_SIZE;
        return (bytes + sector - 1) & -sector; // at most 2^63, which as an unsigned number is a legal size
    }

    private static String formatting(
            Path target, CreateOptions options, long bytes, String backingName, String backingFmt)
            throws CommandFailure {
        StringBuilder line =
                new StringBuilder(String.format(Locale.ROOT, "Formatting '%s', fmt=qed size=%d", target, bytes));
        if (!backingName.isEmpty()) {
            line.append(" backing_file=").append(backingName);
        }
        if (!backingFmt.isEmpty()) {
            line.append(" backing_fmt=").append(backingFmt);
        }
        line.append(" cluster_size=").append(options.number("cluster_size", ImageGeometry.DEFAULT_CLUSTER_SIZE));
        if (options.get("table_size").isPresent()) {
            line.append(" table_size=").append(options.number("table_size", ImageGeometry.DEFAULT_TABLE_SIZE));
        }
        return line.toString();
    }
}
