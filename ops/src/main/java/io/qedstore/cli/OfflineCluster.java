package io.qedstore.cli;

import io.qedstore.catalog.Catalog;
import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import io.qedstore.index.rocksdb.RocksDbIndex;
import io.qedstore.log.LogException;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.KafkaSettings;
import io.qedstore.log.kafka.LogName;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The catalog and the images' logs, read from Kafka without a node. One thread. */
final class OfflineCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final String kafka;
    private final Path scratch;
    private final KafkaLogs logs;
    private final RocksDbIndex index;

    private OfflineCluster(String kafka, Path scratch, KafkaLogs logs, RocksDbIndex index) {
        this.kafka = kafka;
        this.scratch = scratch;
        this.logs = logs;
        this.index = index;
    }

    /**
     * Reads the catalog up to its end.
     *
     * @param kafka brokers, separated by commas
     * @param command that asks, for Kafka's logs
     */
    static OfflineCluster open(String kafka, String command) throws IOException, InterruptedException {
        KafkaLogs logs = KafkaLogs.connect(KafkaSettings.of(command, kafka));
        Path scratch = Files.createTempDirectory("qedstore-" + command);
        boolean opened = false;
        try {
            OfflineCluster cluster =
                    new OfflineCluster(kafka, scratch, logs, RocksDbIndex.open(scratch.resolve("index")));
            opened = true;
            try {
                cluster.readCatalog(command);
                return cluster;
            } catch (LogException.Unavailable e) {
                cluster.close();
                throw new IOException(
                        "the brokers at " + kafka + " do not answer: " + e.getMessage() + "; look at --kafka", e);
            } catch (IOException | InterruptedException | RuntimeException e) {
                cluster.close();
                throw e;
            }
        } finally {
            if (!opened) {
                logs.close();
                DurableFile.removeAll(scratch);
            }
        }
    }

    private void readCatalog(String command) throws IOException, InterruptedException {
        KafkaEventLog log = logs.openToRead(LogName.CATALOG);
        Catalog.Listener listener = new Catalog.Listener() {
            @Override
            public void changed(List<CatalogChange> changes) {}

            @Override
            public void failed(IOException cause) {}
        };
        try (Catalog catalog = new Catalog(log, index, new NodeId(command), () -> 0, listener)) {
            catalog.start();
            catalog.caughtUp().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the catalog was not read to its end within " + PATIENCE.toSeconds() + " s", e);
        }
    }

    /** The catalog, as it was read. */
    MetadataIndex index() {
        return index;
    }

    /** By name, or by id, whatever has become of it. */
    CatalogImage image(String nameOrId) throws IOException, CommandFailure {
        Optional<CatalogImage> named = index.image(new ImageName(nameOrId));
        if (named.isPresent()) {
            return named.get();
        }
        try {
            Optional<CatalogImage> byId = index.image(new ImageId(UUID.fromString(nameOrId)));
            if (byId.isPresent()) {
                return byId.get();
            }
        } catch (IllegalArgumentException e) {
            // it is no id
        }
        throw new CommandFailure(
                "the catalog at " + kafka + " has no image '" + nameOrId + "'; `qedstore image list` on"
                        + " a node shows those there are, and one in the trash is found by its id");
    }

    /** What an image's file can be made from. */
    RebuildSource source(CatalogImage image, List<CheckpointStore> stores) throws IOException {
        return new RebuildSource(image, index, logs.openToRead(LogName.of(image.id())), stores, PATIENCE);
    }

    @Override
    public void close() throws IOException {
        logs.close();
        index.close();
        DurableFile.removeAll(scratch);
    }
}
