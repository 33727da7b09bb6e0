package io.qedstore.node;

import io.qedstore.api.NewImageRequest;
import io.qedstore.api.NotHereException;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.config.NodeConfig;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Backing;
import io.qedstore.event.CatalogEvent.ImageCreated;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.ImageSettings.Limits;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.hosting.HostedImage;
import io.qedstore.imports.HostableFile;
import io.qedstore.index.CatalogImage;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Creates images as they are asked for. */
final class ImageCreation {
    private static final int MAX_CLUSTER_BYTES = HostableFile.MAX_CLUSTER_BYTES;
    private static final int MIN_TABLE_CLUSTERS = HostableFile.MIN_TABLE_CLUSTERS;

    private static final ImageGeometry DEFAULT =
            new ImageGeometry(ImageGeometry.DEFAULT_CLUSTER_SIZE, ImageGeometry.DEFAULT_TABLE_SIZE);

    private static final Duration OWNER_PATIENCE = Duration.ofSeconds(30);

    private final NodeParts parts;
    private final CloneOrigins origins;

    ImageCreation(NodeParts parts, CloneOrigins origins) {
        this.parts = parts;
        this.origins = origins;
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
        if (request.from().isEmpty()) {
            long sizeBytes = request.sizeBytes()
                    .orElseThrow(() -> new ServiceException(
                            ServiceError.INVALID, "an image without a size; expected sizeBytes, or from"));
            return create(created(id, name, request, placement, DEFAULT, sizeBytes, Optional.empty()));
        }
        CloneOrigins.Origin origin = origins.find(request.from().get());
        NodeId owner = placement.owner();
        if (!owner.equals(parts.self())) {
            throw new NotHereException(
                    owner.value(),
                    "node " + owner + " is to own image " + name + ", and has to make what it lies over");
        }
        try (CloneOrigins.Made base = origins.make(origin)) {
            long sizeBytes = request.sizeBytes().orElse(base.sizeBytes());
            if (sizeBytes < base.sizeBytes()) {
                throw new ServiceException(
                        ServiceError.INVALID,
                        "a clone of " + sizeBytes + " bytes, and image "
                                + base.image().name() + " had "
                                + base.sizeBytes() + " at event "
                                + base.backing().sequence() + "; expected that or more, or no size");
            }
            ImageGeometry geometry = base.image().geometry();
            return create(created(id, name, request, placement, geometry, sizeBytes, Optional.of(base.backing())));
        }
    }

    private ImageCreated created(
            ImageId id,
            ImageName name,
            NewImageRequest request,
            Placement placement,
            ImageGeometry usual,
            long sizeBytes,
            Optional<Backing> backing)
            throws ServiceException {
        ImageGeometry geometry = geometry(request, usual);
        requireSize(parts.config(), sizeBytes, geometry);
        return new ImageCreated(
                id,
                new LineageId(parts.ids().get()),
                name,
                sizeBytes,
                geometry,
                DigestAlgorithm.XXH3_128,
                backing,
                settings(request),
                placement);
    }

    private CatalogImage create(ImageCreated created) throws IOException, InterruptedException {
        ImageId id = created.image();
        parts.newImages().create(created);
        CatalogImage image = parts.index()
                .image(id)
                .orElseThrow(() -> new IOException("image " + id + " is not in the index, though it was created"));
        if (image.placement().owner().equals(parts.self())) {
            own(image);
        }
        return image;
    }

    /** @param usual where the request does not say */
    private static ImageGeometry geometry(NewImageRequest request, ImageGeometry usual) throws ServiceException {
        int clusterBytes = request.clusterBytes().orElse(usual.clusterSize());
        int tableClusters = request.tableClusters().orElse(usual.tableSize());
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

    /** So that it can be written when its creator hears of it. */
    private void own(CatalogImage image) throws IOException, InterruptedException {
        HostedImage hosted = parts.hosted()
                .get(image.id())
                .orElseThrow(() -> new IOException("image " + image.name() + " was created, and is not placed here"));
        CatalogCommands.await(hosted.own(), "image " + image.name() + " was created, and its log", OWNER_PATIENCE);
    }
}
