package io.qedstore.cli;

import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointResolver;
import io.qedstore.rebuild.Rebuild;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes an image's file from its log, and from checkpoints. */
@Command(
        name = "rebuild",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the file of an image from its log, as it was at a point; needs no node.",
            "The file has the owner's bytes at that point. It appears under its name once it is whole.",
            "A clone has what it lies over beside it, under the names that the headers say.",
            "With checkpoints it begins at the newest one that is not behind the point, and needs only the log from there on.",
            "One that was ended in the middle goes on when the same command is given again."
        },
        footer = {
            "%nExamples:",
            "  qedstore replica rebuild --kafka=127.0.0.1:9092 --image=vm1 --to=vm1.qed",
            "  qedstore replica rebuild --kafka=127.0.0.1:9092 --image=vm1 --at=snapshot:before --to=vm1.qed",
            "  qedstore replica rebuild --kafka=127.0.0.1:9092 --image=vm1 --at=time:2026-11-22T12:00:00Z --at-flush \\",
            "      --checkpoints=/var/lib/qedstore/checkpoints --to=vm1.qed"
        })
final class ReplicaRebuild implements Callable<Integer> {
    @Mixin
    LoggedImage logged = new LoggedImage();

    @Option(
            names = "--at-flush",
            description = "Go back from there to the last moment at which the guest had asked for a flush.")
    boolean atFlush;

    @Option(names = "--to", required = true, paramLabel = "FILE", description = "The file to make; must not exist.")
    Path target = Path.of("");

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, CommandFailure {
        Point point = logged.point();
        if (Files.exists(target) && !Rebuild.isBegun(target)) {
            throw exists();
        }
        try (CheckpointPlaces places = CheckpointPlaces.open(logged.checkpoints, System.getenv());
                OfflineCluster cluster = OfflineCluster.open(logged.kafka, "rebuild")) {
            rebuild(cluster, places.stores(), point);
        } catch (FileAlreadyExistsException e) {
            throw exists();
        }
        return 0;
    }

    private CommandFailure exists() {
        return new CommandFailure(target + " exists already; name a file that does not, or remove it");
    }

    private void rebuild(OfflineCluster cluster, List<CheckpointStore> stores, Point point)
            throws IOException, CommandFailure {
        CatalogImage image = cluster.image(logged.name);
        RebuiltBases.Source sources = of -> cluster.source(of, stores);
        RebuildSource source = sources.of(image);
        PointResolver resolver = new PointResolver(source); // a point that is not there is said before anything is made
        Sequence last = atFlush
                ? resolver.flushPoint(resolver.resolve(point, Instant.now()))
                : resolver.end(point, Instant.now());
        PrintWriter err = spec.commandLine().getErr();
        List<Path> bases = new RebuiltBases(cluster.index(), sources, target)
                .make(image, () -> new RebuildLines(err, System::nanoTime));
        Rebuild.Rebuilt made = new Rebuild(source, target, new RebuildLines(err, System::nanoTime)).upTo(last);
        PrintWriter out = spec.commandLine().getOut();
        out.println("rebuilt '" + image.name() + "' at sequence " + made.state().sequence() + " as '" + target + "', "
                + Files.size(target) + " bytes");
        bases.forEach(base -> out.println("it lies over '" + base + "'"));
        if (!made.verified().equals(Sequence.NONE)) {
            out.println("its content was as the owner had recorded it at sequence " + made.verified());
        }
    }
}
