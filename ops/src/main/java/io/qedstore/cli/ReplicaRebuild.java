package io.qedstore.cli;

import io.qedstore.catalog.Catalog;
import io.qedstore.dev.FolderTree;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import io.qedstore.index.Snapshot;
import io.qedstore.index.rocksdb.RocksDbIndex;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.KafkaSettings;
import io.qedstore.log.kafka.LogName;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.Redo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

/** Makes an image's file from its log alone. */
@Command(
        name = "rebuild",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the file of an image from its log, as it was at a point; needs no node.",
            "The file has the owner's bytes at that point. It appears under its name once it is whole."
        },
        footer = {
            "%nExamples:",
            "  qedstore replica rebuild --kafka=127.0.0.1:9092 --image=vm1 --to=vm1.qed",
            "  qedstore replica rebuild --kafka=127.0.0.1:9092 --image=vm1 --at=snapshot:before --to=vm1.qed"
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

    @Option(names = "--to", required = true, paramLabel = "FILE", description = "The file to make; must not exist.")
    Path target = Path.of("");

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, CommandFailure {
        Point point = point();
        if (Files.exists(target)) {
            throw new CommandFailure(target + " exists already; name a file that does not, or remove it");
        }
        Path scratch = Files.createTempDirectory("qedstore-rebuild");
        try (RocksDbIndex index = RocksDbIndex.open(scratch.resolve("index"));
                KafkaLogs logs = KafkaLogs.connect(KafkaSettings.of("rebuild", kafka))) {
            readCatalog(logs, index);
            CatalogImage image = image(index);
            FoldState reached = rebuild(logs, index, image, point);
            spec.commandLine()
                    .getOut()
                    .println("rebuilt '" + image.name() + "' at sequence " + reached.sequence() + " as '" + target
                            + "', " + Files.size(target) + " bytes");
        } finally {
            FolderTree.delete(scratch);
        }
        return 0;
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

    private FoldState rebuild(KafkaLogs logs, MetadataIndex index, CatalogImage image, Point point)
            throws IOException, CommandFailure {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Files.deleteIfExists(part);
        KafkaEventLog log = logs.openToRead(LogName.of(image.id()));
        FoldState start = FoldState.start(image.id(), image.lineage(), log.topicId());
        FoldState reached;
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(part)) {
            reached = redo(new Redo(log, start, file, PATIENCE), index, image, point);
            file.sync();
        }
        if (reached.sequence().equals(Sequence.NONE)) {
            Files.delete(part);
            throw new CommandFailure(
                    "image " + image.name() + " has no event at " + point + " or before; expected a point" + " from "
                            + Instant.ofEpochMilli(image.createdMicros() / 1000) + " on");
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        return reached;
    }

    private static FoldState redo(Redo redo, MetadataIndex index, CatalogImage image, Point point)
            throws IOException, CommandFailure {
        if (point instanceof Point.AtSequence at) {
            return redo.upTo(at.sequence());
        } else if (point instanceof Point.AtTime at) {
            long micros = ChronoUnit.MICROS.between(Instant.EPOCH, at.time());
            return redo.until(next -> next.timeMicros() > micros);
        } else if (point instanceof Point.AtSnapshot at) {
            Snapshot snapshot = index.snapshot(image.id(), at.name())
                    .orElseThrow(() -> new CommandFailure("image " + image.name() + " has no snapshot " + at.name()
                            + "; `qedstore image snapshot list " + image.name() + "` shows those there are"));
            return redo.upTo(snapshot.sequence());
        }
        return redo.until(next -> false);
    }
}
