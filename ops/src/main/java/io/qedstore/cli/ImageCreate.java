package io.qedstore.cli;

import io.qedstore.api.BackingInfo;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NewImageRequest;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Creates an image. */
@Command(
        name = "create",
        description = {
            "Creates an image: an empty one, or a clone of another as it was at a point. Its owner serves it over NBD under"
                    + " its name."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore image create vm1 20G",
            "  qedstore image create vm1 20G --owner=node-1 --replicas=node-2,node-3 --cache=writeback",
            "  qedstore image create vm2 --from=vm1@snapshot:golden"
        })
final class ImageCreate extends ApiCommand {
    @Option(
            names = "--cluster-size",
            paramLabel = "N",
            description = "Bytes of a cluster, a power of two from 4k to 1M.")
    @Nullable
    String clusterSize;

    @Option(
            names = "--table-size",
            paramLabel = "N",
            description = "Clusters of an L1 or L2 table, a power of two up to 16.")
    @Nullable
    String tableSize;

    @Option(
            names = "--from",
            paramLabel = "IMAGE[@POINT]",
            description =
                    "Make a clone: it begins as that image was at that point (default: now), and takes only the room of"
                            + " what is written to it. POINT is seq:N, time:2026-11-22T12:00:00Z or snapshot:NAME.")
    @Nullable
    String from;

    @Mixin
    PlacementOptions placement = new PlacementOptions();

    @Mixin
    SettingsOptions settings = new SettingsOptions();

    @Parameters(index = "0", paramLabel = "NAME", description = "What the image is called.")
    String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "SIZE",
            description =
                    "Bytes of the disk; k, M, G and T multiply. Of a clone not less than its base has, and as many if it"
                            + " is not said.")
    @Nullable
    String size;

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException, CommandFailure {
        ImageInfo made = node.create(request());
        say(
                out,
                made,
                "created '" + made.name() + "': " + Said.size(made.sizeBytes())
                        + made.backing().map(ImageCreate::cloneOf).orElse("") + ", owner " + made.owner()
                        + ", replicas " + Said.list(made.replicas()));
    }

    private static String cloneOf(BackingInfo base) {
        return ", a clone of '" + base.image() + "' at sequence " + base.sequence();
    }

    private NewImageRequest request() throws CommandFailure {
        if (size == null && from == null) {
            throw wrongUsage("Missing required parameter: 'SIZE'; only a clone (--from) has one by itself");
        }
        return new NewImageRequest(
                name,
                size == null ? OptionalLong.empty() : OptionalLong.of(WholeNumber.parse("SIZE", size)),
                Optional.ofNullable(from),
                number("--cluster-size", clusterSize),
                number("--table-size", tableSize),
                placement.owner(),
                placement.nodes(),
                placement.count(),
                settings.cache(),
                settings.attach(),
                settings.failover(),
                settings.limitIops(),
                settings.limitBps());
    }

    private static OptionalInt number(String option, @Nullable String text) throws CommandFailure {
        return text == null ? OptionalInt.empty() : OptionalInt.of(WholeNumber.parseInt(option, text));
    }
}
