package io.qedstore.cli;

import io.qedstore.catalog.Catalog;
import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import io.qedstore.index.rocksdb.RocksDbIndex;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.KafkaSettings;
import io.qedstore.log.kafka.LogName;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointResolver;
import io.qedstore.rebuild.Rebuild;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
    private static final Duration PATIENCE = Duration.ofMinutes(1);

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
            names = "--at-flush",
            description = "Go back from there to the last moment at which the guest had asked for a flush.")
    boolean atFlush;

    @Option(
            names = "--checkpoints",
            paramLabel = "DIR|s3://BUCKET/PREFIX",
            description = {
                "Where checkpoints lie; may be given several times. S3 servers other than Amazon's are named by",
                "QEDSTORE_S3_ENDPOINT, and the AWS_ variables say who asks."
            })
    List<String> checkpoints = List.of();

    @Option(names = "--to", required = true, paramLabel = "FILE", description = "The file to make; must not exist.")
    Path target = Path.of("");

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, CommandFailure {
        Point point = point();
        if (Files.exists(target) && !Rebuild.isBegun(target)) {
            throw exists();
        }
        Path scratch = Files.createTempDirectory("qedstore-rebuild");
        try (CheckpointPlaces places = CheckpointPlaces.open(checkpoints, System.getenv());
                RocksDbIndex index = RocksDbIndex.open(scratch.resolve("index"));
                KafkaLogs logs = KafkaLogs.connect(KafkaSettings.of("rebuild", kafka))) {
            readCatalog(logs, index);
            rebuild(logs, index, places.stores(), point);
        } catch (FileAlreadyExistsException e) {
            throw exists();
        } finally {
            DurableFile.removeAll(scratch);
        }
        return 0;
    }

    private CommandFailure exists() {
        return new CommandFailure(target + " exists already; name a file that does not, or remove it");
    }

    private Point point() {
        Point point;
        try {
            point = Point.parse(at);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--at: " + e.getMessage());
        }
        if (point instanceof Point.AtTime then && then.time().isAfter(Instant.now())) {
            throw new ParameterException(
                    spec.commandLine(), "--at=" + at + " lies in the future; expected a time until now");
        }
        return point;
    }

    private static void readCatalog(KafkaLogs logs, RocksDbIndex index) throws IOException, InterruptedException {
        KafkaEventLog log = logs.openToRead(LogName.CATALOG);
        Catalog.Listener listener = new Catalog.Listener() {
            @Override
            public void changed(List<CatalogChange> changes) {}

            @Override
            public void failed(IOException cause) {}
        };
        try (Catalog catalog = new Catalog(log, index, new NodeId("rebuild"), () -> 0, listener)) {
            catalog.start();
            catalog.caughtUp().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the catalog was not read to its end within " + PATIENCE.toSeconds() + " s", e);
        }
    }

    private CatalogImage image(MetadataIndex index) throws IOException, CommandFailure {
        Optional<CatalogImage> named = index.image(new ImageName(name));
        if (named.isPresent()) {
            return named.get();
        }
        try {
            Optional<CatalogImage> byId = index.image(new ImageId(UUID.fromString(name)));
            if (byId.isPresent()) {
                return byId.get();
            }
        } catch (IllegalArgumentException e) {
            // it is no id
        }
        throw new CommandFailure("the catalog at " + kafka + " has no image '" + name + "'; `qedstore image list` on a"
                + " node shows those there are, and one in the trash is found by its id");
    }

    private void rebuild(KafkaLogs logs, MetadataIndex index, List<CheckpointStore> stores, Point point)
            throws IOException, CommandFailure {
        CatalogImage image = image(index);
        RebuiltBases.Source sources =
                of -> new RebuildSource(of, index, logs.openToRead(LogName.of(of.id())), stores, PATIENCE);
        RebuildSource source = sources.of(image);
        PointResolver resolver = new PointResolver(source);
        Sequence asked = resolver.resolve(point, Instant.now());
        Sequence last = atFlush ? resolver.flushPoint(asked) : asked;
        PrintWriter err = spec.commandLine().getErr();
        List<Path> bases = new RebuiltBases(index, sources, target)
                .make(image, of -> new RebuildLines(err, of.sequence().value(), System::nanoTime));
        RebuildLines lines = new RebuildLines(err, last.value(), System::nanoTime);
        Rebuild.Rebuilt made = new Rebuild(source, target, lines).upTo(last);
        PrintWriter out = spec.commandLine().getOut();
        out.println("rebuilt '" + image.name() + "' at sequence " + made.state().sequence() + " as '" + target + "', "
                + Files.size(target) + " bytes");
        bases.forEach(base -> out.println("it lies over '" + base + "'"));
        if (!made.verified().equals(Sequence.NONE)) {
            out.println("its content was as the owner had recorded it at sequence " + made.verified());
        }
    }
}
