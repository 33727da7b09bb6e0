package io.qedstore.node;

import io.qedstore.device.limit.DeviceLimits;
import io.qedstore.device.limit.LimitedDevice;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import io.qedstore.nbd.AttachedClient;
import io.qedstore.nbd.AttachmentListener;
import io.qedstore.nbd.Attachments;
import io.qedstore.nbd.Export;
import io.qedstore.nbd.NbdClient;
import io.qedstore.owner.OwnershipException;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The volumes that this node has open, as exports for those who forward requests: other nodes, by their connections, and this node's
 * own routes. The limits and, between the nodes, who may write are looked at here and nowhere else.
 */
final class OwnedExports {
    /** Other nodes may still ask an image that was let go of in order whether all is durable, and leave by themselves. */
    private static final int LEAVE_MS = 2000;

    /** So long the client that is there comes before others when the image has moved; less than those others try. */
    private static final Duration RESERVED = Duration.ofMillis(700);

    private final NodeId self;
    private final ScheduledExecutorService timer;
    private final Map<ImageId, Owned> owned = new ConcurrentHashMap<>();

    /** Why nobody is let in to some images for now, before the catalog says so. */
    private final Map<ImageId, String> closed = new ConcurrentHashMap<>();

    /** @param gone completes when the volume has ended */
    record Owned(
            Volume volume,
            OwnerDescription description,
            LimitedDevice device,
            Export export,
            CompletableFuture<OwnershipException> gone) {}

    /** @param timer lets clients on that had to wait for a limit */
    OwnedExports(NodeId self, ScheduledExecutorService timer) {
        this.self = self;
        this.timer = timer;
    }

    /** @throws IOException if the volume has ended */
    Owned of(HostedImage here, Volume volume) throws IOException {
        Owned there = owned.compute(here.id(), (id, known) -> {
            boolean isCurrent = known != null && known.volume() == volume;
            return isCurrent ? known : newOwned(here, volume);
        });
        changed(here.image()); // it may have, while nobody would have been told
        if (here.volume().orElse(null) != volume) {
            // whoever said so may have come before there was anything to end
            ended(here.id(), volume, new OwnershipException.Released("it has ended"));
            throw new IOException(
                    "image " + here.image().name() + " is not node " + self + "'s any more; connect again");
        }
        return there;
    }

    private Owned newOwned(HostedImage here, Volume volume) {
        CatalogImage image = here.image();
        LimitedDevice device = new LimitedDevice(volume, limits(image), timer, System::nanoTime);
        AttachmentListener writers = new AttachmentListener() {
            @Override
            public void firstCame(NbdClient client) {
                here.setAttached(volume, true);
            }

            @Override
            public void lastGone() {
                here.setAttached(volume, false);
            }
        };
        Attachments attachments = new Attachments(mode(image), writers, Clock.systemUTC());
        if (here.wasHandedOverWithin(RESERVED)) {
            attachments.reserve(RESERVED);
        }
        OwnerDescription description = OwnerDescription.of(self, volume.tenure(), volume.cache());
        Export export = new Export(
                image.name().value(), description.toString(), device, Export.Reach.CLEAR_OR_TLS, attachments);
        return new Owned(volume, description, device, export, new CompletableFuture<>());
    }

    private static DeviceLimits limits(CatalogImage image) {
        return DeviceLimits.of(
                image.settings().limits().iops(), image.settings().limits().bytesPerSecond());
    }

    static Attachments.Mode mode(CatalogImage image) {
        return switch (image.settings().attach()) {
            case EXCLUSIVE -> Attachments.Mode.EXCLUSIVE;
            case SHARED -> Attachments.Mode.SHARED;
        };
    }

    Optional<Owned> get(ImageId image) {
        return Optional.ofNullable(owned.get(image));
    }

    /**
     * Lets nobody in any more, until {@link #reopen}.
     *
     * @return those who are there all the same; empty if somebody else has closed it
     */
    Optional<List<AttachedClient>> close(HostedImage here, Volume volume, String why) throws IOException {
        if (closed.putIfAbsent(here.id(), why) != null) {
            return Optional.empty();
        }
        return Optional.of(of(here, volume).export().attachments().clients());
    }

    /** From now on the catalog alone says who is let in. */
    void reopen(CatalogImage now) {
        closed.remove(now.id());
        changed(now);
    }

    /** The catalog says something else of an image. */
    void changed(CatalogImage image) {
        Owned open = owned.get(image.id());
        if (open != null) {
            open.device().limits(limits(image));
            open.export().attachments().mode(mode(image));
            open.export()
                    .attachments()
                    .close(Rewinder.refusal(image).or(() -> Optional.ofNullable(closed.get(image.id()))));
        }
    }

    /** The volume has ended: those who use it find that out, and look for the image elsewhere. */
    void ended(ImageId image, Volume volume, OwnershipException cause) {
        Owned open = owned.get(image);
        if (open == null || open.volume() != volume) {
            return;
        }
        owned.remove(image, open);
        open.device().end();
        if (cause instanceof OwnershipException.Released) {
            endSoon(open.export());
        } else {
            open.export().end();
        }
        open.gone().complete(cause);
    }

    private void endSoon(Export export) {
        try {
            timer.schedule(export::end, LEAVE_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            export.end();
        }
    }
}
