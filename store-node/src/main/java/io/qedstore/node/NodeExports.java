package io.qedstore.node;

import io.qedstore.device.limit.DeviceLimits;
import io.qedstore.device.limit.LimitedDevice;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.CopyDevice;
import io.qedstore.hosting.CopyFile;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostedImages;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.MetadataIndex;
import io.qedstore.nbd.AttachedClient;
import io.qedstore.nbd.AttachmentListener;
import io.qedstore.nbd.Attachments;
import io.qedstore.nbd.Export;
import io.qedstore.nbd.Exports;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The images as NBD exports: {@code NAME} to write on the node that owns it, elsewhere the node's copy to read; {@code NAME@latest}
 * the node's copy to read, everywhere; {@code NAME@POINT} the image as it was, to read, everywhere.
 */
final class NodeExports implements Exports {
    private static final String LATEST = "@latest";

    /** A client that connects waits so long for an image that is being opened. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int LISTED_AT_ONCE = 1000;

    private final NodeId self;
    private final MetadataIndex index;
    private final HostedImages hosted;
    private final ScheduledExecutorService timer;
    private final PointExports points;
    private final Map<ImageId, Owned> owned = new ConcurrentHashMap<>();

    private record Owned(Volume volume, LimitedDevice device, Export export) {}

    /** @param timer lets clients on that had to wait for a limit */
    NodeExports(
            NodeId self,
            MetadataIndex index,
            HostedImages hosted,
            ScheduledExecutorService timer,
            PointExports points) {
        this.self = self;
        this.index = index;
        this.hosted = hosted;
        this.timer = timer;
        this.points = points;
    }

    @Override
    public Optional<Export> find(String name) throws IOException {
        int at = name.indexOf('@');
        if (at >= 0 && !name.endsWith(LATEST)) {
            Optional<CatalogImage> of = image(name.substring(0, at));
            return of.isEmpty() ? Optional.empty() : Optional.of(points.find(of.get(), name.substring(at + 1)));
        }
        boolean latest = name.endsWith(LATEST);
        Optional<CatalogImage> image = image(latest ? name.substring(0, name.length() - LATEST.length()) : name);
        if (image.isEmpty()) {
            return Optional.empty();
        }
        HostedImage here = hosted.get(image.get().id()).orElse(null);
        if (here == null) {
            throw new IOException(
                    "image " + image.get().name() + " does not lie on node " + self + "; " + whereToWrite(image.get()));
        }
        boolean ownedHere = image.get().placement().owner().equals(self);
        return Optional.of(ownedHere && !latest ? toWrite(here) : toRead(name, here, image.get(), latest));
    }

    private Optional<CatalogImage> image(String name) throws IOException {
        try {
            return index.image(new ImageName(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // no image has such a name
        }
    }

    private Export toWrite(HostedImage here) throws IOException {
        Volume volume = await(here.own(false), here);
        Owned there = owned.compute(here.id(), (id, known) -> {
            boolean isCurrent = known != null && known.volume() == volume;
            return isCurrent ? known : newOwned(here, volume);
        });
        changed(here.image()); // it may have, while nobody would have been told
        if (here.volume().orElse(null) != volume) {
            ended(here, volume); // whoever said so may have come before there was anything to end
            throw new IOException(
                    "image " + here.image().name() + " is not node " + self + "'s any more; connect again");
        }
        return there.export();
    }

    private Owned newOwned(HostedImage here, Volume volume) {
        CatalogImage image = here.image();
        LimitedDevice device = new LimitedDevice(volume, limits(image), timer, System::nanoTime);
        AttachmentListener writers = new AttachmentListener() {
            @Override
            public void firstCame() {
                here.setAttached(volume, true);
            }

            @Override
            public void lastGone() {
                here.setAttached(volume, false);
            }
        };
        Export export = new Export(
                image.name().value(),
                "owned by node " + self,
                device,
                Export.Reach.CLEAR_OR_TLS,
                new Attachments(mode(image), writers, Clock.systemUTC()));
        return new Owned(volume, device, export);
    }

    private static DeviceLimits limits(CatalogImage image) {
        return DeviceLimits.of(
                image.settings().limits().iops(), image.settings().limits().bytesPerSecond());
    }

    private static Attachments.Mode mode(CatalogImage image) {
        return switch (image.settings().attach()) {
            case EXCLUSIVE -> Attachments.Mode.EXCLUSIVE;
            case SHARED -> Attachments.Mode.SHARED;
        };
    }

    /** Who writes to an image over this node now. */
    List<String> clients(ImageId image) {
        Owned open = owned.get(image);
        return open == null
                ? List.of()
                : open.export().attachments().clients().stream()
                        .map(AttachedClient::name)
                        .toList();
    }

    /** The catalog says something else of an image. */
    void changed(CatalogImage image) {
        Owned open = owned.get(image.id());
        if (open != null) {
            open.device().limits(limits(image));
            open.export().attachments().mode(mode(image));
        }
    }

    private Export toRead(String name, HostedImage here, CatalogImage image, boolean latest) throws IOException {
        CopyFile file = await(here.open(), here);
        String what = "copy on node " + self + ", to read";
        String description = latest ? what : what + "; " + whereToWrite(image);
        CopyDevice copy = new CopyDevice(image.name().value(), file);
        copy.requireReadable();
        return new Export(name, description, copy, Export.Reach.CLEAR_OR_TLS);
    }

    private String whereToWrite(CatalogImage image) throws IOException {
        NodeId owner = image.placement().owner();
        Optional<CatalogNode> node = index.node(owner);
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
            List<CatalogImage> page = index.imagesByName(after, LISTED_AT_ONCE);
            for (CatalogImage image : page) {
                exports.add(new Listed(image.name().value(), whereToWrite(image), Export.Reach.CLEAR_OR_TLS));
            }
            if (page.size() < LISTED_AT_ONCE) {
                return exports;
            }
            after = Optional.of(page.get(page.size() - 1).name());
        }
    }

    /** The volume has ended: clients that use it find that out, and come back for the next. */
    void ended(HostedImage image, Volume volume) {
        Owned open = owned.get(image.id());
        if (open != null && open.volume() == volume) {
            owned.remove(image.id(), open);
            open.device().end();
            open.export().end();
        }
    }
}
