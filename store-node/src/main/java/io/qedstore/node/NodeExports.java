package io.qedstore.node;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.CopyDevice;
import io.qedstore.hosting.CopyFile;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.ImageLife;
import io.qedstore.nbd.AttachedClient;
import io.qedstore.nbd.AttachmentListener;
import io.qedstore.nbd.Attachments;
import io.qedstore.nbd.Export;
import io.qedstore.nbd.Exports;
import io.qedstore.nbd.NbdClient;
import io.qedstore.node.ExportName.AtOwner;
import io.qedstore.node.ExportName.Copy;
import io.qedstore.node.ExportName.Past;
import io.qedstore.owner.OwnershipException;
import io.qedstore.route.RoutedDevice;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The images as NBD exports, see {@link ExportName}: to write, wherever they are owned; the node's own copies, to read; and what this
 * node owns, for those who forward requests to it.
 */
final class NodeExports implements Exports {
    /** A client that connects waits so long for an image that is being opened. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int LISTED_AT_ONCE = 1000;

    private final ForwardingParts parts;
    private final PointExports points;
    private final Map<ImageId, Routed> routes = new ConcurrentHashMap<>();

    /** An image that clients of this node have asked for. */
    private record Routed(RoutedDevice device, Export export) {}

    NodeExports(ForwardingParts parts, PointExports points) {
        this.parts = parts;
        this.points = points;
    }

    private NodeId self() {
        return parts.self();
    }

    @Override
    public Optional<Export> find(String name) throws IOException {
        ExportName wanted = ExportName.of(name);
        Optional<CatalogImage> image = image(wanted.image());
        if (image.isEmpty()) {
            return Optional.empty();
        }
        if (wanted instanceof Copy) {
            return Optional.of(toRead(name, here(image.get())));
        }
        if (wanted instanceof Past past) {
            return Optional.of(points.find(image.get(), past.point()));
        }
        Optional<String> refusal = Rewinder.refusal(image.get());
        if (refusal.isPresent()) {
            throw new IOException(refusal.get() + "; connect again when that is done");
        }
        return Optional.of(wanted instanceof AtOwner owner ? atOwner(image.get(), owner) : anywhere(image.get()));
    }

    private Optional<CatalogImage> image(String name) throws IOException {
        try {
            return parts.index().image(new ImageName(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // no image has such a name
        }
    }

    private HostedImage here(CatalogImage image) throws IOException {
        Optional<HostedImage> here = parts.hosted().get(image.id());
        if (here.isEmpty()) {
            throw new IOException(
                    "image " + image.name() + " does not lie on node " + self() + "; " + whereToWrite(image));
        }
        return here.get();
    }

    // ---- wherever it is owned

    private Export anywhere(CatalogImage image) throws IOException {
        Routed there = routes.computeIfAbsent(image.id(), id -> newRoute(image));
        Optional<CatalogImage> now = parts.index().image(image.id());
        if (now.isPresent()) {
            changed(now.get()); // it may have, while nobody would have been told
        }
        return there.export();
    }

    private Routed newRoute(CatalogImage image) {
        RoutedDevice device = new RoutedDevice(
                new RoutedDevice.Image(
                        image.name().value(),
                        image.placement().owner().value(),
                        () -> sizeBytes(image),
                        Math.toIntExact(image.geometry().clusterSize())),
                new ImageGuide(image.id(), parts),
                parts.workers(),
                parts.timer(),
                System::nanoTime,
                parts.settings(),
                cause -> routeEnded(image.id()));
        AttachmentListener writers = new AttachmentListener() {
            @Override
            public void firstCame(NbdClient client) {
                device.use(client.name());
            }

            @Override
            public void lastGone() {
                device.unuse();
            }
        };
        Export export = new Export(
                image.name().value(),
                "by way of node " + self(),
                device,
                Export.Reach.CLEAR_OR_TLS,
                new Attachments(OwnedExports.mode(image), writers, Clock.systemUTC()));
        return new Routed(device, export);
    }

    private long sizeBytes(CatalogImage known) {
        try {
            return parts.index().image(known.id()).orElse(known).sizeBytes();
        } catch (IOException e) {
            return known.sizeBytes(); // images do not shrink
        }
    }

    private void routeEnded(ImageId image) {
        Routed ended = routes.remove(image);
        if (ended != null) {
            ended.export().end();
        }
    }

    // ---- for those who forward

    private Export atOwner(CatalogImage image, AtOwner wanted) throws IOException {
        if (!image.placement().owner().equals(self())) {
            throw new IOException(
                    "node " + self() + " does not own image " + image.name() + "; " + whereToWrite(image));
        }
        HostedImage here = here(image);
        CompletableFuture<Volume> owned = here.ownOnceFree();
        Export export;
        try {
            export = parts.owned().of(here, await(owned, here)).export();
        } finally {
            owned.cancel(false); // if it was too late
        }
        return wanted.by()
                .map(by -> export.as(ImageGuide.client(by), by.goesOn()))
                .orElse(export);
    }

    // ---- what it is told

    /** Who writes to an image over this node now, and, if it owns the image, over others. */
    List<String> clients(ImageId image) {
        List<String> names = new ArrayList<>();
        Routed routed = routes.get(image);
        if (routed != null) {
            routed.export().attachments().clients().stream()
                    .map(AttachedClient::name)
                    .forEach(names::add);
        }
        String own = ImageGuide.atNode(self());
        parts.owned().get(image).ifPresent(owned -> owned.export().attachments().clients().stream()
                .map(AttachedClient::name)
                .filter(name -> !name.endsWith(own)) // as the route has it
                .forEach(names::add));
        return List.copyOf(names);
    }

    /** The catalog says something else of an image. */
    void changed(CatalogImage image) {
        parts.owned().changed(image);
        Routed routed = routes.get(image.id());
        if (routed == null) {
            return;
        }
        if (image.life() != ImageLife.LIVE) {
            routed.device()
                    .end(new BlockDeviceException(DeviceError.SHUTTING_DOWN, "image " + image.name() + " was deleted"));
            return;
        }
        Optional<String> refusal = Rewinder.refusal(image);
        if (refusal.isPresent()) { // a guest whose owner was away for a moment must not go on with another disk
            routed.device().end(new BlockDeviceException(DeviceError.SHUTTING_DOWN, refusal.get()));
            return;
        }
        routed.export().attachments().mode(OwnedExports.mode(image));
        routed.device().placedAt(image.placement().owner().value());
    }

    /** The volume has ended: the image is served elsewhere, or not at all. */
    void ended(HostedImage image, Volume volume, OwnershipException cause) {
        parts.owned().ended(image.id(), volume, cause);
        boolean isElsewhere =
                cause instanceof OwnershipException.Released || cause instanceof OwnershipException.Fenced;
        Routed routed = routes.get(image.id());
        if (routed != null && !isElsewhere) {
            routed.device()
                    .end(new BlockDeviceException(
                            DeviceError.SHUTTING_DOWN, String.valueOf(cause.getMessage()), cause));
        }
    }

    /** One second has passed. */
    void tick() {
        routes.values().forEach(routed -> routed.device().tick());
    }

    /** The node stops: nothing waits for another place any more. */
    void stop() {
        routes.values().forEach(routed -> routed.device().stop());
    }

    // ---- this node's copies

    private Export toRead(String name, HostedImage here) throws IOException {
        CopyFile file = await(here.open(), here);
        CopyDevice copy = here.toRead(file);
        copy.requireReadable();
        return new Export(name, "copy on node " + self() + ", to read", copy, Export.Reach.CLEAR_OR_TLS);
    }

    private String whereToWrite(CatalogImage image) throws IOException {
        NodeId owner = image.placement().owner();
        Optional<CatalogNode> node = parts.index().node(owner);
        return "node " + owner + " owns it"
                + node.map(known -> ": " + known.nbd() + "/" + image.name()).orElse("");
    }

    private static <T> T await(CompletionStage<T> answer, HostedImage image) throws IOException {
        try {
            return CatalogCommands.await(
                    answer,
                    "image " + image.image().name() + " ("
                            + image.status().detail().orElse("it is being opened") + ")",
                    PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the node stops", e);
        }
    }

    @Override
    public List<Listed> list() throws IOException {
        List<Listed> exports = new ArrayList<>();
        Optional<ImageName> after = Optional.empty();
        while (true) {
            List<CatalogImage> page = parts.index().imagesByName(after, LISTED_AT_ONCE);
            for (CatalogImage image : page) {
                exports.add(new Listed(image.name().value(), whereToWrite(image), Export.Reach.CLEAR_OR_TLS));
            }
            if (page.size() < LISTED_AT_ONCE) {
                return exports;
            }
            after = Optional.of(page.get(page.size() - 1).name());
        }
    }
}
