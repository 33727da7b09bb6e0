package io.qedstore.cli;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.copy.DiskComparison;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.QedFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares two disks. Exit codes are qemu-img compare's. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = "Compares what guests see on two disks.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:They are identical; with -s also in size.",
            "1:They differ.",
            "2:One of them could not be opened, or the command was wrong.",
            "3:The tables of one of them are corrupt.",
            "4:One of them could not be read."
        },
        footer = {"", "Example:", "  qedstore file compare disk.qed copy.raw"})
final class FileCompare implements Callable<Integer> {
    private static final int DIFFERENT = 1;
    private static final int NOT_OPENED = 2;
    private static final int CORRUPT = 3;
    private static final int NOT_READ = 4;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "-q", description = "Say nothing.")
    boolean quiet;

    @Option(names = "-s", description = "Strict: different sizes are a difference.")
    boolean strict;

    @Option(
            names = "-f",
            paramLabel = "FMT",
            description = "Format of FILE1: raw or qed; looked up in the file if missing.")
    @Nullable
    String format1;

    @Option(
            names = "-F",
            paramLabel = "FMT",
            description = "Format of FILE2: raw or qed; looked up in the file if missing.")
    @Nullable
    String format2;

    @Parameters(index = "0", paramLabel = "FILE1", description = "One disk.")
    Path file1 = Path.of("");

    @Parameters(index = "1", paramLabel = "FILE2", description = "The other.")
    Path file2 = Path.of("");

    @Override
    public Integer call() throws CommandFailure, IOException {
        try (GuestImage one = open(file1, format1);
                GuestImage other = open(file2, format2)) {
            boolean sameSize = one.sizeBytes() == other.sizeBytes();
            if (strict && !sameSize) {
                say("Strict mode: Image size mismatch!");
                return DIFFERENT;
            }
            OptionalLong difference = compare(one, other);
            if (!sameSize
                    && (difference.isEmpty()
                            || difference.getAsLong() >= Math.min(one.sizeBytes(), other.sizeBytes()))) {
                say("Warning: Image size mismatch!");
            }
            if (difference.isPresent()) {
                say("Content mismatch at offset " + difference.getAsLong() + "!");
                return DIFFERENT;
            }
            say("Images are identical.");
            return 0;
        }
    }

    private OptionalLong compare(GuestImage one, GuestImage other) throws CommandFailure {
        try (Progress progress =
                Progress.start("comparing", quiet, spec.commandLine().getErr())) {
            return DiskComparison.firstDifference(one, other, progress);
        } catch (QedFormatException e) {
            throw new CommandFailure(
                    CORRUPT, "Sector allocation test failed for " + file1 + " or " + file2 + ": " + e.getMessage());
        } catch (IOException e) {
            throw new CommandFailure(
                    NOT_READ, "Error while reading " + file1 + " or " + file2 + ": " + ImageChain.reason(e));
        }
    }

    private static GuestImage open(Path file, @Nullable String format) throws CommandFailure {
        try {
            ImageFormat asked = Disks.format(format);
            return Disks.openReadOnly(file, asked, HeaderLayout.FINAL);
        } catch (CommandFailure e) {
            throw e.withExitCode(NOT_OPENED);
        }
    }

    private void say(String line) {
        if (!quiet) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(line);
        }
    }
}
