package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.api.RewindForecast;
import io.qedstore.api.RewindInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes an image's content what it was at a point. */
@Command(
        name = "rewind",
        description = {
            "Makes an image's content what it was at a point, by changes like any others: its history stays, and the rewind"
                    + " can be undone by another one.",
            "Nobody may be using the image, and nobody can until it is done. A rewind that is interrupted, be it by a"
                    + " failure of the node, goes on by itself."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore image rewind vm1@snapshot:before-upgrade --dry-run",
            "  qedstore image rewind vm1@snapshot:before-upgrade",
            "  qedstore image rewind vm1@seq:1042"
        })
final class ImageRewind extends ApiCommand {
    private static final Duration LOOK = Duration.ofMillis(200);

    @Parameters(
            paramLabel = "IMAGE@POINT",
            description = "The image; POINT is seq:N, time:2026-11-22T12:00:00Z or snapshot:NAME.")
    String point = "";

    @Option(names = "--dry-run", description = "Only say what would be written.")
    boolean dryRun;

    @Option(names = "-q", description = "Show no progress.")
    boolean quiet;

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException, CommandFailure {
        int at = point.indexOf('@');
        if (at < 1 || at == point.length() - 1) {
            throw wrongUsage(
                    "IMAGE@POINT expects an image and a point, such as vm1@snapshot:before, found '" + point + "'");
        }
        String name = point.substring(0, at);
        if (dryRun) {
            RewindForecast plan = node.rewindPlan(name, point.substring(at + 1));
            say(
                    out,
                    plan,
                    "from sequence " + plan.fromSequence() + " to " + plan.sequence() + ", "
                            + Said.size(plan.dataBytes())
                            + " of data would be written and " + Said.size(plan.zeroBytes()) + " zeroed in '" + name
                            + "'");
            return;
        }
        ImageInfo begun = node.rewind(name, point.substring(at + 1));
        ImageInfo done = await(node, begun);
        Optional<RewindInfo> way = begun.rewind();
        say(
                out,
                done,
                "'" + name + "' is what it was at sequence "
                        + way.map(RewindInfo::sequence).orElse(0L) + "; the way back is `qedstore image rewind " + name
                        + "@seq:" + way.map(RewindInfo::fromSequence).orElse(0L) + "`");
    }

    private ImageInfo await(ApiClient node, ImageInfo begun) throws IOException, CommandFailure {
        PrintWriter err = spec.commandLine().getErr();
        try (Progress progress = Progress.start("rewinding", quiet, err)) {
            Optional<String> said = Optional.empty();
            ImageInfo now = begun;
            while (now.rewind().isPresent()) {
                RewindInfo rewind = now.rewind().get();
                progress.at(rewind.doneBytes(), now.sizeBytes());
                if (rewind.waitsFor().isPresent() && !rewind.waitsFor().equals(said) && !quiet) {
                    said = rewind.waitsFor();
                    err.println(Printable.of("the rewind waits: " + said.get()));
                    err.flush();
                }
                Polling.pause(LOOK, "interrupted; the rewind of '" + begun.name() + "' goes on");
                now = node.image(begun.name());
            }
            return now;
        }
    }
}
