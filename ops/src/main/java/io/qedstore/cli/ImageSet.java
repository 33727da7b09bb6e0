package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.api.SettingsChange;
import io.qedstore.api.SettingsInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Changes how an image is served. */
@Command(
        name = "set",
        description = "Changes how an image is served; what is not named stays as it is.",
        footer = {
            "",
            "Examples:",
            "  qedstore image set vm1 --cache=writethrough",
            "  qedstore image set vm1 --limit-bps=0"
        })
final class ImageSet extends ApiCommand {
    private static final SettingsChange NOTHING = new SettingsChange(
            Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty(), OptionalLong.empty());

    @Mixin
    SettingsOptions settings = new SettingsOptions();

    @Parameters(paramLabel = "NAME", description = "The image.")
    String name = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException, CommandFailure {
        SettingsChange change = new SettingsChange(
                settings.cache(), settings.attach(), settings.failover(), settings.limitIops(), settings.limitBps());
        if (change.equals(NOTHING)) {
            throw wrongUsage("nothing is to be set; expected one of --cache, --attach, --failover, --limit-iops and"
                    + " --limit-bps");
        }
        ImageInfo image = node.configure(name, change);
        say(out, image, "'" + image.name() + "' is served with " + served(image.settings()));
    }

    private static String served(SettingsInfo settings) {
        return "cache " + settings.cache() + ", attach " + settings.attach() + ", failover " + settings.failover()
                + ", " + limit(settings.limitIops(), "requests") + ", " + limit(settings.limitBps(), "bytes");
    }

    private static String limit(OptionalLong limit, String what) {
        return limit.isPresent() ? "at most " + limit.getAsLong() + " " + what + " in a second" : "no limit of " + what;
    }
}
