package io.qedstore.cli;

import io.qedstore.qed.BackingReference;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.WritableImage;
import io.qedstore.qed.copy.DiskCommit;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes an overlay into its backing file. */
@Command(
        name = "commit",
        mixinStandardHelpOptions = true,
        description = "Writes what an overlay holds into its backing file. The overlay stays as it is.",
        footer = {"", "Example:", "  qedstore file commit overlay.qed"})
final class FileCommit implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "-q", description = "Say nothing.")
    boolean quiet;

    @Option(names = "-f", paramLabel = "FMT", description = "Format of FILE: qed.")
    String format = "qed";

    @Parameters(paramLabel = "FILE", description = "The overlay.")
    Path file = Path.of("");

    @Override
    public Integer call() throws CommandFailure, IOException {
        Disks.requireQed(format);
        BackingReference reference = reference();
        if (!reference.exists()) {
            throw new CommandFailure("Image does not have a backing file ('" + file + "')");
        }
        // Opening for writing first mends an overlay that needs a check; its tables are about to be believed.
        Disks.openForWriting(file).close();
        Path basePath = ImageChain.resolve(file, reference.name());
        try (GuestImage overlay = ImageChain.openAlone(file);
                WritableImage base = openBase(basePath, reference.format());
                Progress progress =
                        Progress.start("committing", quiet, spec.commandLine().getErr())) {
            DiskCommit.commit(overlay, base, progress);
        } catch (IOException e) {
            throw new CommandFailure("Committing '" + file + "' to '" + basePath + "' failed: " + ImageChain.reason(e)
                    + "; '" + file + "' still shows the right bytes");
        }
        if (!quiet) {
            spec.commandLine().getOut().println("Image committed.");
        }
        return 0;
    }

    private BackingReference reference() throws CommandFailure {
        try (ChannelImageFile opened = ChannelImageFile.open(file, FileAccess.READ)) {
            return HeaderReader.read(opened, HeaderLayout.FINAL).backing();
        } catch (IOException e) {
            throw Disks.notOpened(Main.FAILED, file, e);
        }
    }

    private static WritableImage openBase(Path path, ImageFormat format) throws CommandFailure {
        try {
            ChannelImageFile raw = ChannelImageFile.open(path, FileAccess.WRITE);
            if (ImageChain.resolveFormat(raw, path, format) == ImageFormat.RAW) {
                return new RawImage(path.toString(), raw);
            }
            raw.close();
        } catch (IOException e) {
            throw Disks.notOpened(Main.FAILED, path, e);
        }
        return Disks.openForWriting(path);
    }
}
