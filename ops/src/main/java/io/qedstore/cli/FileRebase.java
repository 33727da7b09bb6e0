package io.qedstore.cli;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.copy.DiskRebase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts another backing file behind an overlay. */
@Command(
        name = "rebase",
        mixinStandardHelpOptions = true,
        description = {
            "Puts another backing file behind an overlay, or none.",
            "What the guest sees stays the same: where the backing files differ, the overlay gets copies.",
            "With -u only the name in the header changes, and it is yours to know that the files hold the same."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore file rebase -b newbase.qed -F qed overlay.qed",
            "  qedstore file rebase -b '' overlay.qed"
        })
final class FileRebase implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "-q", description = "Say nothing.")
    boolean quiet;

    @Option(names = "-f", paramLabel = "FMT", description = "Format of FILE: qed.")
    String format = "qed";

    @Option(names = "-u", description = "Change the name alone; open neither backing file.")
    boolean nameOnly;

    @Option(
            names = "-b",
            required = true,
            paramLabel = "BACKING",
            description = "Backing file, relative to FILE's folder; '' for none.")
    String backing = "";

    @Option(names = "-F", paramLabel = "FMT", description = "Format of the backing file: raw or qed.")
    @Nullable
    String backingFormat;

    @Parameters(paramLabel = "FILE", description = "The overlay.")
    Path file = Path.of("");

    @Override
    public Integer call() throws CommandFailure {
        Disks.requireQed(format);
        ImageFormat newFormat = checkedFormat();
        boolean raw = newFormat == ImageFormat.RAW;
        try (PlainImage image = nameOnly ? openWithoutBacking() : Disks.openForWriting(file)) {
            if (!nameOnly) {
                copyDifferences(image, newFormat);
            }
            image.changeBackingFile(backing, raw);
        } catch (IOException e) {
            throw new CommandFailure("Could not rebase '" + file + "': " + ImageChain.reason(e));
        }
        return 0;
    }

    private ImageFormat checkedFormat() throws CommandFailure {
        if (backing.isEmpty()) {
            return ImageFormat.PROBE;
        }
        if (backingFormat == null) {
            throw new CommandFailure("Could not change the backing file to '" + backing
                    + "': backing format must be specified; say raw or qed with -F");
        }
        if (!backingFormat.equals("raw") && !backingFormat.equals("qed")) {
            throw new CommandFailure("Invalid format name: '" + backingFormat + "' (known here: raw, qed)");
        }
        return Disks.format(backingFormat);
    }

    private PlainImage openWithoutBacking() throws CommandFailure {
        try {
            return PlainImage.openWithoutBacking(file);
        } catch (IOException e) {
            throw Disks.notOpened(Main.FAILED, file, e);
        }
    }

    private void copyDifferences(PlainImage image, ImageFormat newFormat) throws IOException, CommandFailure {
        try (Progress progress =
                Progress.start("rebasing", quiet, spec.commandLine().getErr())) {
            if (backing.isEmpty()) {
                DiskRebase.copyDifferences(image, null, progress);
                return;
            }
            try (GuestImage newBacking = openNewBacking(newFormat)) {
                DiskRebase.copyDifferences(image, newBacking, progress);
            }
        }
    }

    private GuestImage openNewBacking(ImageFormat newFormat) throws CommandFailure {
        try {
            return ImageChain.openNewBacking(file, backing, newFormat);
        } catch (IOException e) {
            throw new CommandFailure("Could not open new backing file '" + backing + "': " + ImageChain.reason(e));
        }
    }
}
