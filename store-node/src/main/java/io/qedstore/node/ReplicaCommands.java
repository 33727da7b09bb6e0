package io.qedstore.node;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.CatalogEvent.ImagePlaced;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.hosting.CopyFile;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import java.io.IOException;
import java.util.Optional;
import java.util.TreeSet;

/** Places copies of images on nodes, and takes them from there. */
final class ReplicaCommands {
    private final NodeParts parts;
    private final ImageLookup lookup;

    ReplicaCommands(NodeParts parts, ImageLookup lookup) {
        this.parts = parts;
        this.lookup = lookup;
    }

    /** Does nothing if the node has it already. */
    CatalogImage add(String name, NodeId node) throws IOException, InterruptedException {
        while (true) {
            CatalogImage image = lookup.live(name);
            Placement now = image.placement();
            TreeSet<NodeId> replicas = new TreeSet<>(now.replicas());
            if (now.owner().equals(node) || !replicas.add(node)) {
                return image;
            }
            if (replicas.size() > Placement.MAX_REPLICAS) {
                throw new ServiceException(
                        ServiceError.CONFLICT,
                        "image " + name + " has " + Placement.MAX_REPLICAS + " replicas, and may have no more");
            }
            if (place(image, new Placement(now.owner(), replicas))) {
                return fresh(image);
            }
        }
    }

    /** Only while the owner has all of the image: what is removed may be the last other copy. */
    CatalogImage remove(String name, NodeId node) throws IOException, InterruptedException {
        while (true) {
            CatalogImage image = lookup.live(name);
            Placement now = image.placement();
            if (now.owner().equals(node)) {
                throw new ServiceException(
                        ServiceError.CONFLICT, "node " + node + " owns image " + name + "; promote another node first");
            }
            TreeSet<NodeId> replicas = new TreeSet<>(now.replicas());
            if (!replicas.remove(node)) {
                throw new ServiceException(
                        ServiceError.NOT_FOUND,
                        "image " + name + " has no replica on node " + node + "; it is on " + now.nodes());
            }
            requireWhole(lookup.owned(image), image);
            if (place(image, new Placement(now.owner(), replicas))) {
                return fresh(image);
            }
        }
    }

    private static void requireWhole(HostedImage owned, CatalogImage image) throws ServiceException {
        Optional<CopyFile> file = owned.copy();
        boolean isWhole = file.isPresent()
                && file.get().folded().holds() == file.get().folded().mayHold();
        if (!isWhole) {
            throw new ServiceException(
                    ServiceError.CONFLICT,
                    "the owner of image " + image.name() + " has no whole copy of it now ("
                            + owned.status().detail().orElse("it is being opened")
                            + "), so that the others are needed; try again later");
        }
    }

    private boolean place(CatalogImage image, Placement wanted) throws IOException, InterruptedException {
        return parts.commands().trySubmit(new ImagePlaced(image.id(), wanted, Optional.of(image.placement())));
    }

    private CatalogImage fresh(CatalogImage image) throws IOException {
        return parts.index().image(image.id()).orElse(image);
    }
}
