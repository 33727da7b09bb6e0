package io.qedstore.cli;

import io.qedstore.api.CopyVerification;
import io.qedstore.api.LogVerification;
import io.qedstore.api.Verification;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Has every copy of an image held against its log, and waits for what comes of it. */
@Command(
        name = "verify",
        description = {
            "Reads all copies of an image from their beginning to their end, and its log, and holds them against each other:",
            "each block of a file against its digest, the sum of these against what the log says, and the chain of the",
            "log's events. Nothing is changed; `image scrub` restores what is damaged."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:The log and all copies are in order.",
            "1:One of them differs, or could not be verified.",
            "2:The command was wrong."
        },
        footer = {"", "Example:", "  qedstore image verify vm1"})
final class ImageVerify extends ApiCommand {
    @Parameters(paramLabel = "IMAGE", description = "The image.")
    String image = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException, CommandFailure {
        Verification done = await(node);
        if (output.isJson()) {
            out.println(Json.print(json(done)));
        } else {
            print(done, out);
        }
        out.flush();
        long wrong = done.copies().stream()
                        .filter(copy -> !copy.state().equals("ok"))
                        .count()
                + (isLogOk(done) ? 0 : 1);
        if (wrong > 0) {
            throw new CommandFailure("image '" + image + "': of the log and "
                    + done.copies().size() + " copies, " + wrong + " differ or could not be verified");
        }
    }

    private static boolean isLogOk(Verification done) {
        return done.log().map(log -> log.state().equals("ok")).orElse(false);
    }

    private Verification await(ApiClient node) throws IOException, CommandFailure {
        VerifyWait wait = new VerifyWait(image);
        Verification now = node.startVerification(image);
        try (Progress progress =
                Progress.start("verifying", output.isJson(), spec.commandLine().getErr())) {
            while (!wait.isOver(now)) {
                progress.at(
                        now.copies().stream()
                                .mapToLong(CopyVerification::doneBytes)
                                .sum(),
                        now.copies().stream()
                                .mapToLong(CopyVerification::totalBytes)
                                .sum());
                wait.pause();
                now = node.verification(image);
            }
        }
        return now;
    }

    private static void print(Verification done, PrintWriter out) {
        Table table = new Table("WHAT", "STATE", ">SEQUENCE", ">RECORDED", ">BAD BLOCKS", "DETAIL");
        Optional<LogVerification> log = done.log();
        table.row(
                "log",
                log.map(LogVerification::state).orElse("unasked"),
                log.map(LogVerification::sequence).orElse(0L),
                "-",
                "-",
                log.map(ImageVerify::said).orElse("the node has forgotten it; was it started anew? ask again"));
        for (CopyVerification copy : done.copies()) {
            table.row(
                    "copy on " + copy.node() + " (" + copy.role() + ")",
                    copy.state(),
                    copy.sequence() == 0 ? "-" : copy.sequence(),
                    copy.recorded() == 0 ? "-" : copy.recorded(),
                    copy.badBlocks(),
                    said(copy));
        }
        table.print(out, "");
    }

    private static String said(LogVerification log) {
        String from = log.from() == 0 ? "its beginning" : "event " + log.from();
        return log.detail().map(detail -> detail + "; ").orElse("") + "followed from " + from + ", " + log.doneRecords()
                + " records, " + log.voidRecords() + " do not count, chain "
                + log.digest().orElse("-");
    }

    private static String said(CopyVerification copy) {
        List<Long> offsets = copy.badOffsets();
        String where = offsets.isEmpty()
                ? ""
                : ", at "
                        + String.join(
                                ", ", offsets.stream().map(String::valueOf).toList())
                        + (copy.badBlocks() > offsets.size() ? "..." : "");
        return copy.detail().orElse("-") + where;
    }
}
