package io.qedstore.node;

import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogNode;
import io.qedstore.nbd.AlreadyAttachedException;
import io.qedstore.nbd.Attachment;
import io.qedstore.nbd.NbdClient;
import io.qedstore.nbd.client.ExportRefusedException;
import io.qedstore.nbd.client.RemoteDevice;
import io.qedstore.nbd.client.RemoteExport;
import io.qedstore.node.ExportName.Forwarded;
import io.qedstore.node.OwnedExports.Owned;
import io.qedstore.route.Guide;
import io.qedstore.route.Target;
import io.qedstore.route.TurnedAwayException;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Finds the way to one image: to this node's volume, or over NBD to the node that owns it. */
final class ImageGuide implements Guide {
    private static final int ADMIT_ATTEMPTS = 20;
    private static final int ADMIT_PAUSE_MS = 50;

    private final ImageId image;
    private final ForwardingParts parts;

    ImageGuide(ImageId image, ForwardingParts parts) {
        this.image = image;
        this.parts = parts;
    }

    @Override
    public CompletableFuture<Target> seek(String place, String client, boolean goesOn) {
        Forwarded by = new Forwarded(parts.self(), client, goesOn);
        return place.equals(parts.self().value()) ? here(by) : there(place, by);
    }

    @Override
    public String describe(String place) {
        String where = "";
        try {
            Optional<CatalogNode> node = parts.index().node(new NodeId(place));
            where = node.map(known -> " (" + known.nbd() + ")").orElse(" (which the catalog does not know)");
        } catch (IOException e) {
            where = " (the catalog cannot be read: " + e.getMessage() + ")";
        }
        return "node " + place + where;
    }

    // ---- this node

    private CompletableFuture<Target> here(Forwarded by) {
        CompletableFuture<Target> found = new CompletableFuture<>();
        Optional<HostedImage> hosted = parts.hosted().get(image);
        if (hosted.isEmpty()) {
            found.completeExceptionally(new IOException("image " + image + " does not lie on this node yet"));
            return found;
        }
        CompletableFuture<Volume> owned = hosted.get().ownOnceFree();
        owned.whenComplete((volume, failure) -> {
            if (failure != null) {
                found.completeExceptionally(unowned(hosted.get(), failure));
                return;
            }
            try {
                admit(parts.owned().of(hosted.get(), volume), by, ADMIT_ATTEMPTS, found);
            } catch (IOException e) {
                found.completeExceptionally(e);
            }
        });
        found.whenComplete((target, failure) -> owned.cancel(false)); // nobody waits for it any more
        return found;
    }

    /** An image that cannot go on here will not go on at the next attempt. */
    private static Throwable unowned(HostedImage hosted, Throwable failure) {
        return hosted.status().stage() == Stage.FAILED
                ? new TurnedAwayException(String.valueOf(failure.getMessage()))
                : failure;
    }

    private void admit(Owned owned, Forwarded by, int attempts, CompletableFuture<Target> found) {
        owned.export().as(client(by), by.goesOn()).admit(client(by)).whenComplete((attachment, failure) -> {
            if (failure == null) {
                arrive(owned, attachment, found);
            } else if (cause(failure) instanceof AlreadyAttachedException held) {
                if (attempts > 1 && !found.isDone()) {
                    later(() -> admit(owned, by, attempts - 1, found), found);
                } else {
                    found.completeExceptionally(
                            new TurnedAwayException(held.advice(owned.export().name())));
                }
            } else {
                found.completeExceptionally(failure);
            }
        });
    }

    private void arrive(Owned owned, Attachment attachment, CompletableFuture<Target> found) {
        OwnTarget target = new OwnTarget(parts.self(), owned, attachment);
        if (!found.complete(target)) {
            target.leave();
        }
    }

    private void later(Runnable action, CompletableFuture<Target> found) {
        try {
            parts.timer().schedule(action, ADMIT_PAUSE_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            found.completeExceptionally(new IOException("the node stops", e));
        }
    }

    /** How a node's clients are known to the owner: all of them are one. */
    static NbdClient client(Forwarded by) {
        return new NbdClient("node " + by.node(), by.client() + atNode(by.node()));
    }

    static String atNode(NodeId node) {
        return " at node " + node;
    }

    private static @Nullable Throwable cause(@Nullable Throwable failure) {
        return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    // ---- another node

    private CompletableFuture<Target> there(String place, Forwarded by) {
        CompletableFuture<Target> found = new CompletableFuture<>();
        try {
            parts.workers().execute(() -> connect(place, by, found)); // names are looked up, which may take its time
        } catch (RejectedExecutionException e) {
            found.completeExceptionally(new IOException("the node stops", e));
        }
        return found;
    }

    private void connect(String place, Forwarded by, CompletableFuture<Target> found) {
        CompletableFuture<RemoteDevice> opened;
        try {
            opened = parts.disks().open(export(place, by));
        } catch (IOException | RuntimeException e) {
            found.completeExceptionally(e);
            return;
        }
        opened.whenComplete((device, failure) -> {
            if (failure == null) {
                PeerTarget target =
                        new PeerTarget(place, describe(place), OwnerDescription.parse(device.description()), device);
                if (!found.complete(target)) {
                    target.leave();
                }
            } else {
                boolean isHeld = cause(failure) instanceof ExportRefusedException refused && refused.isHeld();
                found.completeExceptionally(
                        isHeld ? new TurnedAwayException(String.valueOf(failure.getMessage())) : failure);
            }
        });
        found.whenComplete((target, failure) -> opened.cancel(false));
    }

    private RemoteExport export(String place, Forwarded by) throws IOException {
        CatalogImage known =
                parts.index().image(image).orElseThrow(() -> new IOException("image " + image + " is not known"));
        CatalogNode node = parts.index()
                .node(new NodeId(place))
                .orElseThrow(() -> new IOException("the catalog knows no node " + place));
        URI uri = URI.create(node.nbd().value());
        if (uri.getHost() == null || uri.getPort() < 0) {
            throw new IOException("node " + place + " serves NBD at " + node.nbd()
                    + ", where no other node can reach it; set nbd.listen there, and nbd.advertise if need be");
        }
        String host = uri.getHost().startsWith("[")
                ? uri.getHost().substring(1, uri.getHost().length() - 1)
                : uri.getHost();
        InetAddress address = InetAddress.getAllByName(host)[0];
        return new RemoteExport(
                new InetSocketAddress(address, uri.getPort()),
                parts.usesTls() ? Optional.of(host) : Optional.empty(),
                ExportName.toForward(known.name().value(), by));
    }
}
