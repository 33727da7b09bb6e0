package io.qedstore.node;

import io.qedstore.api.NewImageRequest;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.config.NodeConfig;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.CatalogEvent.ImageCreated;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.ImageSettings.Limits;
import io.qedstore.event.LineageId;
import io.qedstore.event.Placement;
import io.qedstore.hosting.HostedImage;
import io.qedstore.imports.HostableFile;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.TopicId;
import io.qedstore.log.kafka.LogName;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates images: first the log, which nobody knows yet, then the record of the catalog that makes it an image's. */
final class ImageCreation {
    private static final Logger LOG = LoggerFactory.getLogger(ImageCreation.class);

    private static final int MAX_CLUSTER_BYTES = HostableFile.MAX_CLUSTER_BYTES;
    private static final int MIN_TABLE_CLUSTERS = HostableFile.MIN_TABLE_CLUSTERS;

    private static final Duration OWNER_PATIENCE = Duration.ofSeconds(30);

    private final NodeParts parts;

    ImageCreation(NodeParts parts) {
        this.parts = parts;
    }

    CatalogImage create(NewImageRequest request) throws IOException, InterruptedException {
        ImageName name = new ImageName(request.name());
        if (parts.index().image(name).isPresent()) {
            throw new ServiceException(ServiceError.CONFLICT, "there is an image " + name + " already");
        }
        ImageId id = new ImageId(parts.ids().get());
        Placement placement = new Placements(parts.self(), parts.index()).of(id, request);
        if (placement.owner().equals(parts.self())) {
            parts.disk().requireRoom("name another node as its owner");
        }
        ImageGeometry geometry = geometry(request);
        requireSize(request.sizeBytes(), geometry);
        ImageCreated created = new ImageCreated(
                id,
                new LineageId(parts.ids().get()),
                name,
                request.sizeBytes(),
                geometry,
                DigestAlgorithm.XXH3_128,
                Optional.empty(),
                settings(request),
                placement);
        TopicId log = parts.logs().create(LogName.of(id), parts.newLogs());
        try {
            parts.commands().submit(created);
        } catch (ServiceException e) {
            if (e.error() != ServiceError.UNAVAILABLE) {
                deleteLog(id, log); // no image will ever have it
            }
            throw e;
        }
        CatalogImage image = parts.index()
                .image(id)
                .orElseThrow(() -> new IOException("image " + id + " is not in the index, though it was created"));
        if (placement.owner().equals(parts.self())) {
            own(image);
        }
        return image;
    }

    private static ImageGeometry geometry(NewImageRequest request) throws ServiceException {
        int clusterBytes = request.clusterBytes().orElse(ImageGeometry.DEFAULT_CLUSTER_SIZE);
        int tableClusters = request.tableClusters().orElse(ImageGeometry.DEFAULT_TABLE_SIZE);
        boolean hosted = ImageGeometry.isClusterSize(clusterBytes) && clusterBytes <= MAX_CLUSTER_BYTES;
        if (!hosted || !ImageGeometry.isTableSize(tableClusters) || tableClusters < MIN_TABLE_CLUSTERS) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "clusters of " + clusterBytes + " bytes and tables of " + tableClusters
                            + " clusters; expected powers of two, from " + ImageGeometry.MIN_CLUSTER_SIZE + " to "
                            + MAX_CLUSTER_BYTES + " and from " + MIN_TABLE_CLUSTERS + " to "
                            + ImageGeometry.MAX_TABLE_SIZE);
        }
        return new ImageGeometry(clusterBytes, tableClusters);
    }

    private void requireSize(long sizeBytes, ImageGeometry geometry) throws ServiceException {
        requireSize(parts.config(), sizeBytes, geometry);
    }

    static void requireSize(NodeConfig config, long sizeBytes, ImageGeometry geometry) throws ServiceException {
        if (sizeBytes <= 0 || !geometry.permitsImageSize(sizeBytes)) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "a size of " + sizeBytes + " bytes; expected a multiple of " + ImageGeometry.SECTOR_SIZE
                            + " from there up to " + Long.toUnsignedString(geometry.maxImageSize())
                            + ", which is what clusters of " + geometry.clusterSize() + " bytes and tables of "
                            + geometry.tableSize() + " clusters can hold");
        }
        long max = config.imageMaxBytes().orElse(Long.MAX_VALUE);
        if (sizeBytes > max) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "a size of " + sizeBytes + " bytes; this node allows " + max + " (image.size.max)");
        }
    }

    ImageSettings settings(NewImageRequest request) throws ServiceException {
        return new ImageSettings(
                request.cache().isPresent()
                        ? constant(CacheMode.class, "cache", request.cache().get())
                        : parts.config().volume().cache(),
                request.attach().isPresent()
                        ? constant(AttachMode.class, "attach", request.attach().get())
                        : parts.config().volume().attach(),
                request.failover().isPresent()
                        ? constant(
                                FailoverMode.class,
                                "failover",
                                request.failover().get())
                        : FailoverMode.MANUAL,
                new Limits(request.limitIops(), request.limitBps()));
    }

    /** @throws ServiceException if there is none of that name */
    static <E extends Enum<E>> E constant(Class<E> type, String what, String word) throws ServiceException {
        for (E constant : type.getEnumConstants()) {
            if (Views.word(constant).equals(word)) {
                return constant;
            }
        }
        String known = String.join(
                ", ",
                java.util.Arrays.stream(type.getEnumConstants())
                        .map(Views::word)
                        .toList());
        throw new ServiceException(ServiceError.INVALID, what + " is '" + word + "', expected one of " + known);
    }

    private void deleteLog(ImageId id, TopicId log) {
        try {
            parts.logs().delete(LogName.of(id), log);
        } catch (IOException e) {
            LOG.warn("the log {}, of an image that did not come to be, could not be deleted", LogName.of(id), e);
        }
    }

    /** So that it can be written when its creator hears of it. */
    private void own(CatalogImage image) throws IOException, InterruptedException {
        HostedImage hosted = parts.hosted()
                .get(image.id())
                .orElseThrow(() -> new IOException("image " + image.name() + " was created, and is not placed here"));
        CatalogCommands.await(hosted.own(false), "image " + image.name() + " was created, and its log", OWNER_PATIENCE);
    }
}
