package io.qedstore.cli;

import io.qedstore.api.RetentionChange;
import io.qedstore.api.RetentionInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes how much of an image's history is kept. */
@Command(
        name = "set",
        description = {
            "Changes how much of an image's history is kept; what is not named stays as it is.",
            "With both limits, what either wants is kept; with none, all. Snapshots and clones keep their points besides."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore image retention set vm1 --keep-time=7d",
            "  qedstore image retention set vm1 --keep-time=0 --keep-bytes=50G"
        })
final class RetentionSet extends ApiCommand {
    @Option(names = "--keep-time", paramLabel = "TIME", description = "Points that are no older, such as 7d; 0: any.")
    @Nullable
    String keepTime;

    @Option(
            names = "--keep-bytes",
            paramLabel = "SIZE",
            description = "So much of the end of the log, such as 50G; 0: whatever it has.")
    @Nullable
    String keepBytes;

    @Parameters(paramLabel = "IMAGE", description = "The image.")
    String image = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException, CommandFailure {
        if (keepTime == null && keepBytes == null) {
            throw wrongUsage("nothing is to be set; expected --keep-time, --keep-bytes or both");
        }
        RetentionChange change = new RetentionChange(
                keepTime == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(TimeArgument.seconds("--keep-time", keepTime)),
                keepBytes == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(WholeNumber.parse("--keep-bytes", keepBytes)));
        RetentionInfo kept = node.setRetention(image, change);
        say(out, kept, RetentionSaid.limits(kept));
    }
}
