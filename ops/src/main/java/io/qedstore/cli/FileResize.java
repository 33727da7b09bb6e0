package io.qedstore.cli;

import io.qedstore.qed.ImageChain;
import io.qedstore.qed.PlainImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a disk larger. */
@Command(
        name = "resize",
        mixinStandardHelpOptions = true,
        description = "Makes a disk larger; only its header changes.",
        footer = {"", "Examples:", "  qedstore file resize disk.qed 40G", "  qedstore file resize disk.qed +10G"})
final class FileResize implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "-q", description = "Say nothing.")
    boolean quiet;

    @Option(names = "-f", paramLabel = "FMT", description = "Format of FILE: qed.")
    String format = "qed";

    @Option(names = "--shrink", description = "Taken for qemu-img's sake; QED disks cannot shrink.")
    boolean shrink;

    @Parameters(index = "0", paramLabel = "FILE", description = "The image.")
    Path file = Path.of("");

    @Parameters(index = "1", paramLabel = "[+]SIZE", description = "The new size, or with + how much is added.")
    String size = "";

    @Override
    public Integer call() throws CommandFailure {
        Disks.requireQed(format);
        long given = SizeArgument.imageSize(size.startsWith("+") || size.startsWith("-") ? size.substring(1) : size);
        try (PlainImage image = Disks.openForWriting(file)) {
            long now = image.sizeBytes();
            long asked = size.startsWith("+") ? plus(now, given) : size.startsWith("-") ? now - given : given;
            if (asked < 0) {
                throw new CommandFailure("Invalid image size specified (" + file + " has " + now + " bytes, " + size
                        + " leaves less than none)");
            }
            if (asked < now && !shrink) {
                throw new CommandFailure("Use the --shrink option to perform a shrink operation. (" + file + " has "
                        + now + " bytes, asked for " + asked + "; QED disks cannot shrink even then)");
            }
            image.resize(asked);
        } catch (IOException e) {
            throw new CommandFailure("Could not resize '" + file + "': " + ImageChain.reason(e));
        }
        if (!quiet) {
            spec.commandLine().getOut().println("Image resized.");
        }
        return 0;
    }

    private static long plus(long now, long more) throws CommandFailure {
        try {
            return Math.addExact(now, more);
        } catch (ArithmeticException e) {
            throw new CommandFailure("Invalid image size specified (" + now + " + " + more + " bytes is too large)");
        }
    }
}
