package io.qedstore.cli;

import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointException;
import io.qedstore.rebuild.PointResolver;
import io.qedstore.rebuild.Rebuild;
import io.qedstore.rebuild.RebuildSource;
import io.qedstore.rebuild.RebuildWatcher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Makes many files of images at points, each as {@code replica rebuild} does, but reads the catalog once for all. One thread. */
public final class Rebuilds implements AutoCloseable {
    private final OfflineCluster cluster;

    private Rebuilds(OfflineCluster cluster) {
        this.cluster = cluster;
    }

    public static Rebuilds open(String kafka) throws IOException, InterruptedException {
        return new Rebuilds(OfflineCluster.open(kafka, "rebuild"));
    }

    /**
     * Makes the file of an image at a point.
     *
     * @param checkpoints folders
     * @return the event that the point is behind
     * @throws PointException if there is no such point
     */
    public long make(String image, String at, List<Path> checkpoints, Path target) throws IOException {
        List<String> folders = checkpoints.stream().map(Path::toString).toList();
        try (CheckpointPlaces places = CheckpointPlaces.open(folders, Map.of())) {
            RebuildSource source = cluster.source(cluster.image(image), places.stores());
            return new Rebuild(source, target, RebuildWatcher.NONE)
                    .upTo(new PointResolver(source).end(Point.parse(at), Instant.now()))
                    .state()
                    .sequence()
                    .value();
        } catch (CommandFailure e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        cluster.close();
    }
}
