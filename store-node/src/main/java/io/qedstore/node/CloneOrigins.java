package io.qedstore.node;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.backing.BaseChain;
import io.qedstore.backing.BaseFiles;
import io.qedstore.event.Backing;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import io.qedstore.log.LogException;
import io.qedstore.qed.GuestImage;
import io.qedstore.rebuild.NotCoveredException;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointException;
import java.io.IOException;
import java.time.Instant;

/** Finds what a clone is to lie over, and has it made on this node. */
final class CloneOrigins {
    private final NodeParts parts;
    private final ImageLookup lookup;
    private final OwnerCommands owner;

    CloneOrigins(NodeParts parts, ImageLookup lookup, OwnerCommands owner) {
        this.parts = parts;
        this.lookup = lookup;
        this.owner = owner;
    }

    /** An image, and which point of it is meant. */
    record Origin(CatalogImage image, Point point) {}

    /**
     * A base that is on this node, and stays until this is closed.
     *
     * @param sizeBytes of the disk at that point
     */
    record Made(Backing backing, CatalogImage image, long sizeBytes, BaseFiles.Hold hold) implements AutoCloseable {
        @Override
        public void close() {
            hold.close();
        }
    }

    /** @param from as people write it: IMAGE or IMAGE@POINT */
    Origin find(String from) throws IOException {
        int at = from.indexOf('@');
        CatalogImage image = lookup.live(at < 0 ? from : from.substring(0, at));
        try {
            Point point = at < 0 ? new Point.Latest() : Point.parse(from.substring(at + 1));
            requireShallow(image, parts.index());
            return new Origin(image, point);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ServiceError.INVALID, "image " + image.name() + ": " + e.getMessage(), e);
        }
    }

    /** @throws ServiceException if a clone of it would have too many images behind it */
    static void requireShallow(CatalogImage image, MetadataIndex index) throws IOException {
        int bases = BaseChain.of(image, index).size();
        if (bases >= BaseChain.MAX_BASES) {
            throw new ServiceException(
                    ServiceError.CONFLICT,
                    "image " + image.name() + " has " + bases + " images behind it, and no clone may have more than "
                            + BaseChain.MAX_BASES + "; clone one of those behind it, or a copy of it that was exported"
                            + " with --flatten and imported");
        }
    }

    /** Waits for the log, and until the base is made. */
    Made make(Origin origin) throws IOException, InterruptedException {
        CatalogImage image = origin.image();
        try {
            Sequence sequence = sequence(origin);
            Backing backing = new Backing(image.id(), image.lineage(), sequence);
            BaseFiles.Hold hold = parts.bases().make(backing);
            try (GuestImage base = hold.open()) {
                return new Made(backing, image, base.sizeBytes(), hold);
            } catch (IOException | RuntimeException e) {
                hold.close();
                throw e;
            }
        } catch (PointException e) {
            throw new ServiceException(ServiceError.NOT_FOUND, String.valueOf(e.getMessage()), e);
        } catch (NotCoveredException | LogException.Truncated e) {
            throw new ServiceException(ServiceError.CONFLICT, String.valueOf(e.getMessage()), e);
        }
    }

    /** Of the owner's image also what its clients have written and not flushed, if this is the owner. */
    private Sequence sequence(Origin origin) throws IOException, InterruptedException {
        CatalogImage image = origin.image();
        boolean isOwn = image.placement().owner().equals(parts.self());
        if (isOwn && origin.point() instanceof Point.Latest) {
            return owner.latest(image).sequence();
        }
        Instant now = Instant.ofEpochMilli(parts.clock().wallMicros() / 1000);
        return parts.points().resolve(image, origin.point(), now);
    }
}
