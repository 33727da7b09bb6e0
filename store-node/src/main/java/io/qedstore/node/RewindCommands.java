package io.qedstore.node;

import io.qedstore.api.RewindForecast;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.CatalogEvent.RewindBegun;
import io.qedstore.event.Sequence;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogImage;
import io.qedstore.nbd.AttachedClient;
import io.qedstore.points.PointFile;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.copy.CopyProgress;
import io.qedstore.volume.Rewind;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Begins rewinds; the {@link Rewinder} does them. */
final class RewindCommands {
    /** A record that the log has not answered for is not written any more after that. */
    private static final Duration UNCERTAIN = Duration.ofMinutes(3);

    private final NodeParts parts;
    private final ImageLookup lookup;
    private final OwnerCommands owner;
    private final PointLookup points;

    RewindCommands(NodeParts parts, ImageLookup lookup, OwnerCommands owner, PointLookup points) {
        this.parts = parts;
        this.lookup = lookup;
        this.owner = owner;
        this.points = points;
    }

    CatalogImage begin(String name, String point) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        HostedImage hosted = lookup.owned(image);
        Volume volume = owner.volume(hosted);
        requireNobody(image, parts.nbd().clients(image.id()));
        // made before anything is begun: it may be impossible
        try (PointFile file = points.open(image, point)) {
            List<AttachedClient> clients = parts.owned()
                    .close(hosted, volume, "image " + name + " is about to be rewound")
                    .orElseThrow(() -> new ServiceException(
                            ServiceError.CONFLICT, "image " + name + " is about to be rewound already"));
            boolean isUncertain = false;
            try {
                requireNobody(image, clients.stream().map(AttachedClient::name).toList());
                Sequence from = owner.sync(image, hosted, volume).sequence();
                isUncertain = true;
                CatalogDecision decision = parts.commands().say(new RewindBegun(image.id(), file.sequence(), from));
                isUncertain = false;
                CatalogCommands.requireApplied(decision);
            } catch (ServiceException e) {
                isUncertain &= e.error() == ServiceError.UNAVAILABLE; // the others say that nothing was written
                throw e;
            } finally {
                if (isUncertain) { // the record may come to count
                    parts.timer().schedule(() -> reopen(image), UNCERTAIN.toMillis(), TimeUnit.MILLISECONDS);
                } else {
                    reopen(image);
                }
            }
        }
        return parts.index().image(image.id()).orElse(image);
    }

    private void reopen(CatalogImage image) {
        try {
            parts.owned().reopen(parts.index().image(image.id()).orElse(image));
        } catch (IOException e) {
            parts.owned().reopen(image);
        }
    }

    private static void requireNobody(CatalogImage image, List<String> clients) throws ServiceException {
        if (!clients.isEmpty()) {
            throw new ServiceException(
                    ServiceError.CONFLICT,
                    "image " + image.name() + " is in use by " + String.join(", ", clients)
                            + ", under whom its content would change; shut that down first");
        }
    }

    RewindForecast plan(String name, String point) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        HostedImage hosted = lookup.owned(image);
        Volume volume = owner.volume(hosted);
        try (PointFile file = points.open(image, point);
                GuestImage wanted = file.open()) {
            Sequence from = owner.sync(image, hosted, volume).sequence();
            Rewind.Difference difference = Rewind.difference(volume, wanted, CopyProgress.NONE);
            return new RewindForecast(
                    name, file.sequence().value(), from.value(), difference.dataBytes(), difference.zeroBytes());
        }
    }
}
