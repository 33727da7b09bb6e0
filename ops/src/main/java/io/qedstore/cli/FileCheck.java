package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.check.ConsistencyCheck;
import io.qedstore.qed.check.Finding;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.QedHeader;
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

/** Checks a file's tables. Exit codes are qemu-img check's. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        exitCodeOnInvalidInput = Main.FAILED,
        description = "Checks that every table entry points to a cluster of its own.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:No errors, or all of them repaired.",
            "1:The check could not be made.",
            "2:There are corruptions.",
            "3:There are clusters that nothing uses, and no corruptions.",
            "63:The file is not in a format that can be checked."
        },
        footer = {"", "Example:", "  qedstore file check -r all disk.qed"})
final class FileCheck implements Callable<Integer> {
    private static final int CORRUPT = 2;
    private static final int LEAKS = 3;
    private static final int NOT_SUPPORTED = 63;
    private static final int MAX_FINDINGS_SHOWN = 100;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "-q", description = "Say nothing.")
    boolean quiet;

    @Option(names = "-f", paramLabel = "FMT", description = "Format of the image: qed.")
    @Nullable
    String format;

    @Option(
            names = "-r",
            paramLabel = "WHAT",
            description = "Repair: leaks or all. Both mend entries that point nowhere; nothing frees leaked clusters.")
    @Nullable
    String repair;

    @Mixin
    OutputOption output = new OutputOption();

    @Mixin
    LayoutOption layout = new LayoutOption();

    @Parameters(paramLabel = "FILE", description = "The image.")
    Path file = Path.of("");

    private int findings;

    @Override
    public Integer call() throws CommandFailure, IOException {
        if (repair != null && !repair.equals("leaks") && !repair.equals("all")) {
            throw new CommandFailure("Unknown option value for -r (expecting 'leaks' or 'all'): " + repair);
        }
        if (repair != null && layout.layout() == HeaderLayout.DRAFT_2010) {
            throw new CommandFailure(
                    "an image in the draft layout is not repaired; convert it to the final layout first");
        }
        CheckResult result;
        try (ChannelImageFile opened =
                ChannelImageFile.open(file, repair == null ? FileAccess.READ : FileAccess.WRITE)) {
            if (ImageChain.resolveFormat(opened, file, Disks.format(format)) == ImageFormat.RAW) {
                throw new CommandFailure(
                        NOT_SUPPORTED, "This image format does not support checks ('" + file + "' is not QED)");
            }
            HeaderReader start = HeaderReader.read(opened, layout.layout());
            requireChain(start);
            result = check(opened, start.header());
        } catch (IOException e) {
            throw Disks.notOpened(Main.FAILED, file, e);
        }
        if (result.checkErrors() > 0) {
            throw new CommandFailure("Check failed: Input/output error (" + result.checkErrors() + " tables of '" + file
                    + "' could not be read)");
        }
        print(result);
        return result.corruptions() > 0 ? CORRUPT : result.leaks() > 0 ? LEAKS : 0;
    }

    /** Like qemu-img, refuses an image whose backing files cannot be opened. */
    private void requireChain(HeaderReader start) throws IOException {
        GuestImage backing = ImageChain.openBacking(file, start.backing());
        if (backing != null) {
            backing.close();
        }
    }

    private CheckResult check(ChannelImageFile opened, QedHeader header) throws IOException {
        if (repair == null) {
            return run(opened, header);
        }
        CheckResult repaired = PlainImage.repairAndMarkClean(opened, header);
        if (repaired.corruptionsFixed() > 0 && !output.isJson() && !quiet) {
            spec.commandLine()
                    .getOut()
                    .println("The following inconsistencies were found and repaired:\n\n    0 leaked clusters\n    "
                            + repaired.corruptionsFixed()
                            + " corruptions\n\nDouble checking the fixed image now...");
        }
        return run(opened, header).withFixed(repaired.corruptionsFixed());
    }

    private CheckResult run(ChannelImageFile opened, QedHeader header) throws IOException {
        return ConsistencyCheck.run(
                opened,
                header,
                layout.layout() == HeaderLayout.FINAL,
                ConsistencyCheck.defaultBitmapLimitBytes(),
                finding -> {
                    show(finding);
                    return false;
                });
    }

    private void show(Finding finding) {
        findings++;
        PrintWriter err = spec.commandLine().getErr();
        if (findings > MAX_FINDINGS_SHOWN || quiet) {
            return;
        }
        if (finding instanceof Finding.InvalidL1Entry l1) {
            err.printf("ERROR the L1 entry at byte %d is 0x%x, where no table lies%n", l1.entryOffset(), l1.entry());
        } else if (finding instanceof Finding.InvalidL2Entry l2) {
            err.printf("ERROR the L2 entry at byte %d is 0x%x, where no cluster lies%n", l2.entryOffset(), l2.entry());
        } else if (finding instanceof Finding.DoubleReference twice) {
            err.printf(
                    "ERROR the entry at byte %d points to the cluster at byte %d, which is in use already%n",
                    twice.entryOffset(), twice.clusterOffset());
        } else if (finding instanceof Finding.UnreadableTable table) {
            err.printf("ERROR the table at byte %d cannot be read: %s%n", table.tableOffset(), table.reason());
        }
        if (findings == MAX_FINDINGS_SHOWN) {
            err.println("ERROR (more are counted and not shown)");
        }
    }

    private void print(CheckResult result) {
        PrintWriter out = spec.commandLine().getOut();
        if (output.isJson()) {
            out.println(Json.print(json(result)));
        } else if (!quiet) {
            printText(out, result);
        }
    }

    private ObjectNode json(CheckResult result) {
        ObjectNode json = Json.object();
        putUnlessZero(json, "total-clusters", result.totalClusters());
        putUnlessZero(json, "corruptions", result.corruptions());
        putUnlessZero(json, "corruptions-fixed", result.corruptionsFixed());
        json.put("check-errors", result.checkErrors());
        putUnlessZero(json, "leaks", result.leaks());
        putUnlessZero(json, "allocated-clusters", result.allocatedClusters());
        json.put("filename", file.toString());
        json.put("format", "qed");
        putUnlessZero(json, "fragmented-clusters", result.fragmentedClusters());
        return json;
    }

    private static void putUnlessZero(ObjectNode json, String key, long value) {
        if (value != 0) {
            json.put(key, value);
        }
    }

    private static void printText(PrintWriter out, CheckResult result) {
        if (result.isClean()) {
            out.println("No errors were found on the image.");
        }
        if (result.corruptions() > 0) {
            out.println("\n" + result.corruptions() + " errors were found on the image.\n"
                    + "Data may be corrupted, or further writes to the image may corrupt it.");
        }
        if (result.leaks() > 0) {
            out.println("\n" + result.leaks() + " leaked clusters were found on the image.\n"
                    + "This means waste of disk space, but no harm to data.");
        }
        long total = result.totalClusters();
        long allocated = result.allocatedClusters();
        if (total != 0 && allocated != 0) {
            out.println(String.format(
                    Locale.ROOT,
                    "%d/%d = %.2f%% allocated, %.2f%% fragmented, 0.00%% compressed clusters",
                    allocated,
                    total,
                    allocated * 100.0 / total,
                    result.fragmentedClusters() * 100.0 / allocated));
        }
    }
}
