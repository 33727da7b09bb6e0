package io.qedstore.node;

import io.qedstore.api.RewindForecast;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.CatalogEvent.RewindBegun;
import io.qedstore.event.Sequence;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import io.qedstore.points.PointFile;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.copy.CopyProgress;
import io.qedstore.volume.Rewind;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.util.List;

/** Begins rewinds; the {@link Rewinder} does them. */
final class RewindCommands {
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
        List<String> clients = parts.nbd().clients(image.id());
        if (!clients.isEmpty()) {
            throw new ServiceException(
                    ServiceError.CONFLICT,
                    "image " + name + " is in use by " + String.join(", ", clients)
                            + ", under whom its content would change; shut that down first");
        }
        Volume volume = owner.volume(hosted);
        // made before anything is begun: it may be impossible
        try (PointFile file = points.open(image, point)) {
            Sequence from = owner.sync(image, hosted, volume).sequence();
            parts.commands().submit(new RewindBegun(image.id(), file.sequence(), from));
        }
        return parts.index().image(image.id()).orElse(image);
    }

    RewindForecast plan(String name, String point) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        HostedImage hosted = lookup.owned(image);
        Volume volume = owner.volume(hosted);
        try (PointFile file = points.open(image, point);
                GuestImage wanted = ImageChain.openReadOnly(file.path(), ImageFormat.QED)) {
            Sequence from = owner.sync(image, hosted, volume).sequence();
            Rewind.Difference difference = Rewind.difference(volume, wanted, CopyProgress.NONE);
            return new RewindForecast(
                    name, file.sequence().value(), from.value(), difference.dataBytes(), difference.zeroBytes());
        }
    }
}
