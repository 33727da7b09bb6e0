package io.qedstore.cli;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.LayoutConversion;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.WritableImage;
import io.qedstore.qed.copy.DiskConversion;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies a disk into a new file. */
@Command(
        name = "convert",
        mixinStandardHelpOptions = true,
        description = {
            "Copies what a guest sees on a disk into a new image.",
            "With --layout=draft-2010, a QED file moves between the first posted header layout and the final one: "
                    + "from the draft if SRC is valid in it, else to it."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore file convert -O qed disk.raw disk.qed",
            "  qedstore file convert -O raw overlay.qed flat.raw",
            "  qedstore file convert --layout=draft-2010 -O qed draft.qed final.qed"
        })
final class FileConvert implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "-q", description = "Say nothing.")
    boolean quiet;

    @Option(
            names = "-f",
            paramLabel = "FMT",
            description = "Format of SRC: raw or qed; looked up in the file if missing.")
    @Nullable
    String format;

    @Option(names = "-O", paramLabel = "FMT", description = "Format of DST: raw (the default) or qed.")
    String targetFormat = "raw";

    @Option(names = "-o", paramLabel = "OPTIONS", description = "Options of DST, as for create.")
    List<String> optionLists = new ArrayList<>();

    @Option(
            names = "-S",
            paramLabel = "SIZE",
            description = "Zeros of at least SIZE bytes are left out (4k); 0 writes everything.")
    @Nullable
    String minZeros;

    @Option(names = "-m", hidden = true, description = "Taken for qemu-img's sake.")
    int coroutines = 1;

    @Mixin
    LayoutOption layout = new LayoutOption();

    @Parameters(index = "0", paramLabel = "SRC", description = "The disk to copy.")
    Path source = Path.of("");

    @Parameters(index = "1", paramLabel = "DST", description = "The file to create; what it held is lost.")
    Path target = Path.of("");

    @Override
    public Integer call() throws CommandFailure, IOException {
        if (CreateOptions.askForHelp(optionLists)) {
            spec.commandLine().getOut().print(CreateOptions.HELP);
            return 0;
        }
        CreateOptions options = CreateOptions.parse(optionLists);
        ImageFormat to = targetFormat();
        if (Files.exists(target) && Files.exists(source) && Files.isSameFile(source, target)) {
            throw new CommandFailure("'" + source + "' and '" + target + "' are the same file");
        }
        boolean draft = layout.layout() == HeaderLayout.DRAFT_2010;
        boolean draftSource = draft && isQed();
        if (draftSource && to == ImageFormat.QED) {
            if (!optionLists.isEmpty() || minZeros != null) {
                throw new CommandFailure(
                        "-o and -S have no place where a file moves between header layouts: its tables and"
                                + " data stay as they are; convert it to the final layout first");
            }
            LayoutMove.move(source, target);
            return 0;
        }
        if (draftSource) {
            requireSoundDraft();
        }
        HeaderLayout sourceLayout = draftSource ? HeaderLayout.DRAFT_2010 : HeaderLayout.FINAL;
        try (GuestImage image = Disks.openReadOnly(source, Disks.format(format), sourceLayout)) {
            if (draft && !draftSource) {
                throw new CommandFailure("'" + source
                        + "' is not QED; convert it to the final layout first, and that file" + " to the draft layout");
            }
            copy(image, to, options);
        }
        return 0;
    }

    private ImageFormat targetFormat() throws CommandFailure {
        return switch (targetFormat) {
            case "raw" -> ImageFormat.RAW;
            case "qed" -> ImageFormat.QED;
            default ->
                throw new CommandFailure("Unknown file format '" + targetFormat
                        + "' (known here: raw, qed; qemu-img converts to others)");
        };
    }

    private boolean isQed() throws CommandFailure {
        try (ChannelImageFile opened = ChannelImageFile.open(source, FileAccess.READ)) {
            return ImageChain.resolveFormat(opened, source, Disks.format(format)) == ImageFormat.QED;
        } catch (IOException e) {
            throw Disks.notOpened(Main.FAILED, source, e);
        }
    }

    /** An entry that says zero is no valid one in the draft, and reading would not tell. */
    private void requireSoundDraft() throws CommandFailure {
        try (ChannelImageFile opened = ChannelImageFile.open(source, FileAccess.READ)) {
            LayoutConversion.requireSound(
                    opened, HeaderReader.read(opened, HeaderLayout.DRAFT_2010).header(), HeaderLayout.DRAFT_2010);
        } catch (IOException e) {
            throw Disks.notOpened(Main.FAILED, source, e);
        }
    }

    private void copy(GuestImage image, ImageFormat to, CreateOptions options) throws CommandFailure, IOException {
        int minZeroBytes = minZeroBytes();
        boolean backed = options.get("backing_file").isPresent();
        try (WritableImage created = create(to, image.sizeBytes(), options);
                Progress progress =
                        Progress.start("converting", quiet, spec.commandLine().getErr())) {
            try {
                DiskConversion.copy(image, created, !backed, minZeroBytes, progress);
            } catch (IOException e) {
                throw new CommandFailure("Converting '" + source + "' to '" + target + "' failed: "
                        + ImageChain.reason(e) + "; '" + target + "' is incomplete, remove it");
            }
        }
    }

    private int minZeroBytes() throws CommandFailure {
        if (minZeros == null) {
            return DiskConversion.DEFAULT_MIN_ZERO_BYTES;
        }
        Optional<BigInteger> size = SizeArgument.parse(minZeros);
        if (size.isEmpty() || size.get().bitLength() > 21 || size.get().intValue() % 512 != 0) {
            throw new CommandFailure(
                    "Invalid buffer size for sparse output specified. Valid sizes are multiples of 512 up"
                            + " to 2 MiB. Select 0 to disable sparse detection (fully allocates output). (found '"
                            + minZeros
                            + "')");
        }
        return size.get().intValueExact();
    }

    private WritableImage create(ImageFormat to, long bytes, CreateOptions options) throws CommandFailure {
        try {
            return to == ImageFormat.RAW ? createRaw(bytes) : createQed(bytes, options);
        } catch (IOException e) {
            throw new CommandFailure(target + ": error while converting: " + ImageChain.reason(e));
        }
    }

    private WritableImage createRaw(long bytes) throws IOException, CommandFailure {
        if (!optionLists.isEmpty()) {
            throw new CommandFailure("a raw image takes no options, found -o " + String.join(" -o ", optionLists));
        }
        ChannelImageFile file = ChannelImageFile.createOrOpen(target);
        file.setLength(0);
        file.setLength(bytes);
        return new RawImage(target.toString(), file);
    }

    private WritableImage createQed(long bytes, CreateOptions options) throws IOException, CommandFailure {
        if (options.get("size").isPresent()) {
            throw new CommandFailure("size= makes no sense here: '" + target + "' gets the size of '" + source + "'");
        }
        String backing = options.get("backing_file").orElse("");
        String backingFormat = options.get("backing_fmt").orElse("");
        if (options.get("backing_file").isPresent()) {
            BackingArgument.check(target, backing, backingFormat, false);
        }
        NewImage image = new NewImage(options.geometry(), bytes, backing, backingFormat);
        image.changes(HeaderLayout.FINAL);
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(target)) {
            image.createIn(file, HeaderLayout.FINAL);
        }
        return PlainImage.open(target);
    }
}
