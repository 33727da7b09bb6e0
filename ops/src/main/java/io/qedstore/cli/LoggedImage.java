package io.qedstore.cli;

import io.qedstore.rebuild.Point;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** An image at a point, by its log and its checkpoints alone. */
final class LoggedImage {
    @Spec(Spec.Target.MIXEE)
    CommandSpec spec = CommandSpec.create();

    @Option(names = "--kafka", required = true, paramLabel = "HOST:PORT", description = "Brokers, separated by commas.")
    String kafka = "";

    @Option(names = "--image", required = true, paramLabel = "NAME", description = "The image's name, or its id.")
    String name = "";

    @Option(
            names = "--at",
            paramLabel = "POINT",
            description = {"latest, seq:N, time:2026-11-22T12:00:00Z or snapshot:NAME (default: ${DEFAULT-VALUE})."})
    String at = "latest";

    @Option(
            names = "--checkpoints",
            paramLabel = "DIR|s3://BUCKET/PREFIX",
            description = {
                "Where checkpoints lie; may be given several times. The newest one that is not behind the point is begun",
                "with, and not the log's beginning, which may have been given up. S3 servers other than Amazon's are named",
                "by QEDSTORE_S3_ENDPOINT, and the AWS_ variables say who asks."
            })
    List<String> checkpoints = List.of();

    Point point() {
        return PointArgument.parse(at, spec);
    }
}
